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

        return current.Kind == received.Kind ? null : Describe("x-queue-type", current, TypeOf(received), TypeOf(current));
    }

    /// <summary>Whether the queue outlives a restart of its broker.</summary>
    public static bool IsDurable(this QueueDeclaration queue) => queue.Kind is QueueKind.Classic or QueueKind.Quorum;

    private static string TypeOf(QueueDeclaration queue) => queue.Kind == QueueKind.Quorum ? "'quorum'" : "'classic'";

    private static string Describe(string argument, QueueDeclaration queue, string received, string current) =>
        $"'{argument}' for queue '{queue.Name}' in vhost '/': received {received} but current is {current}";
}
