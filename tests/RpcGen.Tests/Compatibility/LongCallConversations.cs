using RpcGen.Tests.Support;

namespace RpcGen.Tests.Compatibility;

/// <summary>Calls that take long.</summary>
internal static class LongCallConversations
{
    public static readonly Conversation[] All =
    [
        new("long-call", "A call that is announced, waited for, and then answered.")
        {
            Call = async stage =>
            {
                Task<int> pondering = (await stage.ClientAsync()).PonderAsync(20);
                await stage.Recorder.WaitAsync(4); // request, open, waiting, running
                await stage.PassForHandlerAsync(20);
                Assert.Equal(20, await pondering.WaitAsync(Bounds.Soon));
            },
        },
    ];
}
