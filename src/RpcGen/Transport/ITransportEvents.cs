namespace RpcGen.Transport;

/// <summary>What a transport reports to the log. Thread-safe.</summary>
internal interface ITransportEvents
{
    /// <summary>The settings were read, at the start and before each connection. The warnings are sentences.</summary>
    void OnSettingsRead(IReadOnlyCollection<string> warnings);

    /// <summary>A connection is open, on this node.</summary>
    void OnConnected(string connectionName, string node);

    /// <summary>The broker refused the login of a user; empty if a token names the user.</summary>
    void OnLoginRefused(string userName);

    /// <summary>The broker accepted a login.</summary>
    void OnLoginAccepted();

    /// <summary>The secret of an open connection was renewed.</summary>
    void OnSecretRenewed(DateTimeOffset? validUntil);

    /// <summary>The secret of an open connection was not renewed, and is valid until then.</summary>
    void OnSecretNotRenewed(string reason, DateTimeOffset validUntil);
}
