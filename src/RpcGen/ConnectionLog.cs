using RpcGen.Diagnostics;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen;

/// <summary>
/// Logs what a transport reports. A refused login is logged once, until a login is accepted, and a warning once, until the
/// settings are read without it. Thread-safe.
/// </summary>
/// <param name="broker">The broker's address without credentials.</param>
/// <param name="remedy">What to do about a refused login, as a sentence.</param>
/// <param name="environment">Has the log.</param>
internal sealed class ConnectionLog(string broker, string remedy, RpcEnvironment environment) : ITransportEvents
{
    private IReadOnlyCollection<string> _warnings = [];
    private int _isRefusalLogged;

    /// <summary>What to do about a refused login.</summary>
    public static string Remedy(RpcConnectionOptions options, ConnectionSource source, bool usesCertificate) =>
        usesCertificate ? "The client certificate is read again at each attempt: renew its file, or create the user on the broker. No restart is needed."
        : options.Credentials is not null ? "Credentials is asked again at each attempt: correct what it returns, or the user on the broker. No restart is needed."
        : source.Place is { } place ? $"{place} is read again at each attempt: correct user and password there, or on the broker. No restart is needed if its configuration source is reloaded."
        : "The connection string is given in code: correct user and password on the broker, or restart with others. To change them without a restart, give the name of a connection string, or set RpcConnectionOptions.Credentials.";

    public void OnSettingsRead(IReadOnlyCollection<string> warnings)
    {
        foreach (string warning in warnings.Except(Interlocked.Exchange(ref _warnings, warnings)))
        {
            Log.ConnectionWarning(environment.Log, broker, warning);
        }
    }

    public void OnConnected(string connectionName, string node) => Log.Connected(environment.Log, connectionName, broker, node);

    public void OnLoginRefused(string userName)
    {
        if (Interlocked.Exchange(ref _isRefusalLogged, 1) == 0)
        {
            Log.LoginRefused(environment.Log, broker, userName.Length == 0 ? "named by the token or certificate" : $"'{userName}'", remedy);
        }
    }

    public void OnLoginAccepted() => Volatile.Write(ref _isRefusalLogged, 0);

    public void OnSecretRenewed(DateTimeOffset? validUntil) => Log.SecretRenewed(environment.Log, broker, validUntil);

    public void OnSecretNotRenewed(string reason, DateTimeOffset validUntil) => Log.SecretNotRenewed(environment.Log, broker, reason, validUntil);
}
