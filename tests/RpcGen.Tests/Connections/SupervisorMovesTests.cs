using RpcGen.Connections;
using static RpcGen.Connections.SupervisorState;

namespace RpcGen.Tests.Connections;

public sealed class SupervisorMovesTests
{
    [Fact]
    public void Only_the_moves_of_the_table_are_legal()
    {
        SupervisorState[] all = Enum.GetValues<SupervisorState>();
        (SupervisorState From, SupervisorState To)[] legal =
        [
            .. from source in all from target in all where SupervisorMoves.IsLegal(source, target) select (source, target),
        ];

        Assert.Equal(
            [(Idle, Opening), (Idle, Closed), (Opening, Idle), (Opening, Open), (Opening, Closed), (Open, Reopening), (Open, Closed), (Reopening, Open), (Reopening, Closed)],
            legal);
    }
}
