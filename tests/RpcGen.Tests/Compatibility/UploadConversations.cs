using System.Runtime.CompilerServices;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Compatibility;

/// <summary>Streams of the client. Each item waits until all messages before it are sent.</summary>
internal static class UploadConversations
{
    public static readonly Conversation[] All =
    [
        new("upload", "A stream of the client, and its result.")
        {
            Call = async stage => Assert.Equal(3, await (await stage.ClientAsync()).SumAsync(9, SourceAsync(stage, 1, 2)).WaitAsync(Bounds.Soon)),
        },
        new("upload-cancel", "A handler that takes one item.")
        {
            Call = async stage => Assert.Equal(1, await (await stage.ClientAsync()).SumAsync(1, EndlessAsync(stage)).WaitAsync(Bounds.Soon)),
        },
        new("upload-fault", "A source that fails.")
        {
            Call = async stage => await Conversations.FailsAsync<TimeZoneNotFoundException>((await stage.ClientAsync()).SumAsync(9, FailingAsync(stage))),
        },
        new("both-ways", "A stream of the client, and one of the server.")
        {
            Call = async stage =>
            {
                var doubled = new List<int>();
                await foreach (int number in (await stage.ClientAsync()).DoubleAsync(SourceAsync(stage, 1, 2, answers: 1)))
                {
                    doubled.Add(number);
                }

                Assert.Equal([2, 4], doubled);
            },
        },
    ];

    /// <summary>Two items and the end, each after the messages before it: the request and its grant, and the items with their answers.</summary>
    private static async IAsyncEnumerable<int> SourceAsync(Stage stage, int first, int second, int answers = 0)
    {
        await stage.Recorder.WaitAsync(2);
        yield return first;
        await stage.Recorder.WaitAsync(3 + answers);
        yield return second;
        await stage.Recorder.WaitAsync(4 + (2 * answers));
    }

    /// <summary>One item, and no end.</summary>
    private static async IAsyncEnumerable<int> EndlessAsync(Stage stage, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await stage.Recorder.WaitAsync(2);
        yield return 1;
        await Task.Delay(Timeout.InfiniteTimeSpan, stage.Time, cancellationToken);
    }

    private static async IAsyncEnumerable<int> FailingAsync(Stage stage)
    {
        await stage.Recorder.WaitAsync(2);
        yield return 1;
        await stage.Recorder.WaitAsync(3);
        throw new TimeZoneNotFoundException("A secret of the client.");
    }
}
