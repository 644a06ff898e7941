using RpcGen.Connections;
using RpcGen.Tests.Server;
using RpcGen.Transport;

namespace RpcGen.Tests.Connections;

/// <summary>What is learned of the broker's <c>max_message_size</c>.</summary>
public sealed class MessageLimitTests
{
    private readonly MessageLimit _limit = new();

    [Theory]
    [InlineData("PRECONDITION_FAILED - message size 300002 is larger than configured max size 200000", 200_000)]
    [InlineData("PRECONDITION_FAILED - message size 600000000 is larger than max size 536870912", 536_870_912)]
    public void A_refusal_names_it(string text, int expected)
    {
        Assert.True(_limit.TryLearn(TransportClosure.ByBroker(406, text)));
        Assert.Equal(expected, _limit.MaxBytes);
    }

    [Theory]
    [InlineData(406, "PRECONDITION_FAILED - unknown delivery tag 7")]
    [InlineData(404, "message size 300002 is larger than configured max size 200000")]
    [InlineData(406, "message size 3 is larger than max size 99999999999999999999")]
    public void Other_refusals_do_not(ushort code, string text)
    {
        Assert.False(_limit.TryLearn(new TransportRefusedException(code, text)));
        Assert.Equal(int.MaxValue, _limit.MaxBytes);
    }

    [Fact]
    public void It_belongs_to_a_connection()
    {
        var connection = new ScriptedConnection();
        _limit.OnConnected(connection);
        Assert.True(_limit.TryLearn(new TransportClosedException(TransportClosure.ByBroker(406, "message size 3 is larger than max size 2"), nothingSent: false)));

        _limit.OnConnected(connection);
        Assert.Equal(2, _limit.MaxBytes);

        _limit.OnConnected(new ScriptedConnection());
        Assert.Equal(int.MaxValue, _limit.MaxBytes);
    }

    [Theory]
    [InlineData(504, "CHANNEL_ERROR - expected 'channel.open'", 2)]
    [InlineData(320, "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'", int.MaxValue)]
    public void It_survives_a_frame_that_came_too_late(ushort code, string text, int expected)
    {
        var connection = new ScriptedConnection();
        _limit.OnConnected(connection);
        Assert.True(_limit.TryLearn(TransportClosure.ByBroker(406, "message size 3 is larger than max size 2")));
        connection.Close(TransportClosure.ByBroker(code, text));

        _limit.OnConnected(new ScriptedConnection());

        Assert.Equal(expected, _limit.MaxBytes);
    }
}
