namespace RpcGen.Transport.InMemory;

/// <summary>Whether a queue may be declared again.</summary>
internal static class QueueEquivalence
{
    /// <summary>The first difference that RabbitMQ would name; null where there is none.</summary>
    public static string? DiffersFrom(this QueueDeclaration current, QueueDeclaration received)
    {
        if (IsDurable(current) != IsDurable(received))
        {
            return Describe("durable", current, IsDurable(received) ? "'true'" : "'false'", IsDurable(current) ? "'true'" : "'false'");
        }

        if (current.Kind != received.Kind)
        {
            return Describe("x-queue-type", current, TypeOf(received), TypeOf(current));
        }

        return current.MaxPriority == received.MaxPriority ? null : Describe("x-max-priority", current, PriorityOf(received), PriorityOf(current));
    }

    /// <summary>Whether the queue outlives a restart of its broker.</summary>
    public static bool IsDurable(this QueueDeclaration queue) => queue.Kind is QueueKind.Classic or QueueKind.Quorum;

    private static string TypeOf(QueueDeclaration queue) => queue.Kind == QueueKind.Quorum ? "'quorum'" : "'classic'";

    private static string PriorityOf(QueueDeclaration queue) => queue.MaxPriority == 0 ? "none" : $"the value '{queue.MaxPriority}' of type 'signedint'";

    private static string Describe(string argument, QueueDeclaration queue, string received, string current) =>
        $"'{argument}' for queue '{queue.Name}' in vhost '/': received {received} but current is {current}";
}
