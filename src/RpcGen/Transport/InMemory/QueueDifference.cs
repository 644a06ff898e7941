namespace RpcGen.Transport.InMemory;

/// <summary>Finds the difference because of which RabbitMQ refuses to declare a queue again.</summary>
internal static class QueueDifference
{
    /// <summary>Describes the first difference as RabbitMQ does; null if the declarations are equivalent.</summary>
    public static string? Describe(QueueDeclaration current, QueueDeclaration received)
    {
        if (current.IsDurable != received.IsDurable)
        {
            return Describe("durable", current, Flag(received.IsDurable), Flag(current.IsDurable));
        }

        if (TypeOf(current) != TypeOf(received) || (current.Kind == QueueKind.Exclusive) != (received.Kind == QueueKind.Exclusive))
        {
            return Describe("x-queue-type", current, TypeOf(received), TypeOf(current));
        }

        if (current.MaxPriority != received.MaxPriority)
        {
            return Describe("x-max-priority", current, PriorityOf(received), PriorityOf(current));
        }

        return current.ExpiresAfterMilliseconds == received.ExpiresAfterMilliseconds ? null : Describe("x-expires", current, ExpiryOf(received), ExpiryOf(current));
    }

    private static string Flag(bool value) => value ? "'true'" : "'false'";

    private static string TypeOf(QueueDeclaration queue) => queue.Kind == QueueKind.Quorum ? "'quorum'" : "'classic'";

    private static string PriorityOf(QueueDeclaration queue) => queue.MaxPriority == 0 ? "none" : $"the value '{queue.MaxPriority}' of type 'signedint'";

    private static string ExpiryOf(QueueDeclaration queue) => queue.ExpiresAfterMilliseconds is { } expires ? $"the value '{expires}' of type 'long'" : "none";

    private static string Describe(string argument, QueueDeclaration queue, string received, string current) =>
        $"'{argument}' for queue '{queue.Name}' in vhost '/': received {received} but current is {current}";
}
