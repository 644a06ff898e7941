namespace RpcGen;

/// <summary>
/// Limits of the streams that a method returns or takes (<see cref="IAsyncEnumerable{T}"/>, <see cref="Stream"/>), and of its progress (<see cref="IProgress{T}"/>), on the method or for all of the contract. A
/// method's attribute replaces the contract's as a whole. Zero stands for the default.
/// </summary>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method, Inherited = false)]
public sealed class RpcStreamAttribute : Attribute
{
    /// <summary>
    /// How many bytes of items can be on their way or wait for the consumer, 1,024 or more. One message more than that can be. Default: 256 KiB,
    /// or less if the streams of the connection need more than <c>MaxStreamBufferBytes</c>. Of progress, 4 KiB by default and 32 KiB at most.
    /// </summary>
    public int WindowBytes { get; set; }

    /// <summary>
    /// How many items the producer can be ahead of the consumer. With 1, an item is produced when the one before was taken. For
    /// items that are expensive to produce. Has no effect on bytes and progress. Default: no limit but the bytes.
    /// </summary>
    public int WindowItems { get; set; }

    /// <summary>
    /// How long the consumer waits for one item, in milliseconds, before it throws <see cref="RpcTimeoutException"/>. The time in
    /// which the consumer does not ask for an item does not count. The consumer of a stream that a method takes is the handler. Default: no limit.
    /// </summary>
    public int IdleTimeoutMilliseconds { get; set; }

    /// <summary>
    /// How long the whole stream can take from its first read on, in milliseconds, before the consumer gets an
    /// <see cref="RpcTimeoutException"/>. For a call with one result: how long the call can take. Calls that the handler makes inherit what remains. Default: no limit.
    /// </summary>
    public int TotalTimeoutMilliseconds { get; set; }
}
