using RpcGen.Transport;

namespace RpcGen.Protocol;

/// <summary>Creates the exceptions that tell which permission the broker misses, and how to give it.</summary>
internal static class PermissionRefusals
{
    /// <summary>What fails if a user cannot receive replies, as a sentence without its full stop.</summary>
    public const string NoCallbackQueue = "A callback queue for replies could not be set up";

    /// <summary>An exchange as operators know it: the default exchange has a name only in permissions.</summary>
    public static string NameOf(string exchange) => exchange.Length == 0 ? "amq.default" : exchange;

    /// <summary>Why the broker refuses to let a user publish to an exchange, and the remedy: sentences for messages.</summary>
    /// <param name="broker">The broker's address without credentials.</param>
    /// <param name="user">The connection's user; empty if it is not known.</param>
    /// <param name="exchange">The exchange.</param>
    /// <param name="reason">The broker's reply.</param>
    public static string DescribePublish(string broker, string user, string exchange, string reason) =>
        $"{broker} does not let {NameOfUser(user)} write to exchange '{NameOf(exchange)}' ({reason}). " +
        $"Grant the permission: in 'rabbitmqctl set_permissions {UserArgument(user)} CONFIGURE WRITE READ', the pattern WRITE must match '{NameOf(exchange)}'.";

    /// <summary>Why something else is refused, and the remedy: sentences for messages.</summary>
    /// <param name="what">What could not be done, as a sentence without its full stop.</param>
    /// <param name="broker">The broker's address without credentials.</param>
    /// <param name="user">The connection's user; empty if it is not known.</param>
    /// <param name="refusal">The refusal, which names the queue or exchange.</param>
    public static string Describe(string what, string broker, string user, TransportRefusedException refusal) =>
        $"{what}: {broker} refused it to {NameOfUser(user)} ({refusal.Message}). " +
        $"Grant the permission: in 'rabbitmqctl set_permissions {UserArgument(user)} CONFIGURE WRITE READ', the patterns must match the name that the broker gives.";

    /// <summary>The exception for a connection whose user cannot receive replies.</summary>
    public static RpcAccessDeniedException OfCallbackQueue(string broker, string user, TransportRefusedException refusal) =>
        Create(Describe(NoCallbackQueue, broker, user, refusal), refusal);

    /// <summary>The exception for a refusal before anything ran.</summary>
    public static RpcAccessDeniedException Create(string message, Exception refusal) =>
        new(message, refusal) { IsBrokerRefusal = true, Execution = RpcExecution.NotStarted };

    private static string NameOfUser(string user) => user.Length == 0 ? "the connection's user" : $"user '{user}'";

    private static string UserArgument(string user) => user.Length == 0 ? "USER" : user;
}
