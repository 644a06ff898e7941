using RpcGen.Protocol;
using RpcGen.Server.Acknowledging;
using RpcGen.Server.Replying;
using RpcGen.Server.Running;
using RpcGen.Streams.LongCalls;

namespace RpcGen.Tests.Server.Running;

/// <summary>Every move of a call that takes long, on its server.</summary>
public sealed class LongCallServingTests
{
    private readonly TestServer _server = new();
    private readonly Owner _owner = new();
    private readonly Replies _replies = new();
    private readonly Places _places = new();

    [Fact]
    public void A_call_is_taken_over_once_and_then_its_delivery_is_detached()
    {
        (ServerCall call, LongCall taken) = Create();
        Assert.Equal(("1", "rpc.cb.me", false), (taken.WireId.ToString(), taken.Name.ReplyTo, taken.IsAdopted));

        Assert.True(taken.TryAdopt());
        Assert.False(taken.TryAdopt());

        Assert.True(taken.IsAdopted);
        Assert.Equal([call.Delivery], _replies.Detached);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Only_a_long_running_call_gives_its_place_back(bool leavesPlace)
    {
        (ServerCall call, LongCall taken) = Create(leavesPlace);
        taken.TryAdopt();

        taken.OnAdopted();

        Assert.Equal([taken], _owner.Adopted);
        Assert.Equal(leavesPlace ? [(call, taken)] : [], _places.Left);
    }

    [Fact]
    public void A_call_that_is_not_taken_over_depends_on_its_channel()
    {
        (ServerCall call, LongCall taken) = Create();

        Assert.True(call.TryAbandon());

        Assert.True(call.IsAbandoned);
        Assert.True(taken.IsOver);
        Assert.False(taken.TryAdopt());
        Assert.Empty(_replies.Detached);
    }

    [Fact]
    public void A_call_that_was_taken_over_does_not_depend_on_its_channel()
    {
        (ServerCall call, LongCall taken) = Create();
        taken.TryAdopt();

        Assert.False(call.TryAbandon());

        Assert.False(call.IsAbandoned);
        Assert.False(taken.IsOver);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_end_of_a_call_says_whether_it_was_taken_over(bool isTaken)
    {
        (ServerCall call, LongCall taken) = Create();
        _ = isTaken && taken.TryAdopt();
        call.HasLeftPlace = true;

        Assert.Equal(isTaken, call.EndLong());

        Assert.True(taken.IsOver);
        Assert.Equal([taken], _owner.Ended);
        Assert.Equal((null, false), (call.Long, call.HasLeftPlace));
        Assert.False(taken.TryAdopt());
        Assert.False(call.EndLong()); // a call like others
        Assert.Single(_owner.Ended);
    }

    [Fact]
    public void A_call_that_nobody_wants_is_cancelled()
    {
        (ServerCall call, LongCall taken) = Create();
        taken.TryAdopt();

        taken.OnUnwanted("its caller is gone");

        Assert.True(call.IsCancelledByCaller);
        Assert.Equal([(taken, "its caller is gone")], _owner.Unwanted);
    }

    [Fact]
    public void A_call_object_that_is_in_another_use_is_not_cancelled()
    {
        (ServerCall call, LongCall taken) = Create();
        taken.TryAdopt();
        call.Reset();
        Transport.IncomingMessage next = TestServer.Request(id: "2");
        var delivery = new Delivery();
        delivery.Begin(in next, 0, 1000);
        call.Begin(delivery, in next);

        taken.OnUnwanted("its caller is gone");

        Assert.False(call.IsCancelledByCaller);
        Assert.Empty(_owner.Unwanted);
    }

    [Theory]
    [InlineData(true, "fault")]
    [InlineData(false, null)]
    public void An_answer_goes_to_the_owner(bool isFault, string? type)
    {
        (_, LongCall taken) = Create();
        var headers = new Dictionary<string, object?> { ["a"] = "b" };

        taken.Answer("7"u8, isFault, headers);

        LongReply reply = Assert.Single(_owner.Completed);
        Assert.Equal((type, "7"), (reply.Type, System.Text.Encoding.UTF8.GetString(reply.Body.Span)));
        Assert.Same(headers, reply.Headers);
    }

    [Fact]
    public async Task A_call_that_the_server_gives_up_is_answered_before_its_token_fires()
    {
        (ServerCall call, LongCall taken) = Create();
        taken.TryAdopt();
        _owner.OnComplete = () => Assert.False(call.IsCancelledByCaller);

        await taken.InterruptAsync();

        LongReply reply = Assert.Single(_owner.Completed);
        Assert.Equal("fault", reply.Type);
        Assert.Contains(FaultCodes.Interrupted, System.Text.Encoding.UTF8.GetString(reply.Body.Span), StringComparison.Ordinal);
        Assert.True(call.IsCancelledByCaller);
    }

    private (ServerCall Call, LongCall Long) Create(bool leavesPlace = false)
    {
        Transport.IncomingMessage message = TestServer.Request();
        var delivery = new Delivery();
        delivery.Begin(in message, _server.Time.GetTimestamp(), 1000);
        var call = new ServerCall(new EarliestDeadline(_server.Time, _ => long.MaxValue)) { Places = _places };
        call.Begin(delivery, in message);
        call.Replies = _replies;
        var created = new LongCall(_owner, call, leavesPlace);
        Assert.True(call.TryBecomeLong(created));
        return (call, created);
    }

    private sealed class Owner : ILongCallOwner
    {
        public List<LongCall> Adopted { get; } = [];

        public List<LongCall> Ended { get; } = [];

        public List<(LongCall Call, string Reason)> Unwanted { get; } = [];

        public List<LongReply> Completed { get; } = [];

        public Action? OnComplete { get; set; }

        public void OnAdopted(LongCall call) => Adopted.Add(call);

        public void OnUnwanted(LongCall call, string reason) => Unwanted.Add((call, reason));

        public void OnEnded(LongCall call) => Ended.Add(call);

        public Task CompleteAsync(LongCall call, LongReply reply)
        {
            OnComplete?.Invoke();
            Completed.Add(reply);
            return Task.CompletedTask;
        }
    }

    private sealed class Places : ICallPlaces
    {
        public List<(ServerCall Call, ILongCall Long)> Left { get; } = [];

        public void Leave(ServerCall call, ILongCall taken) => Left.Add((call, taken));
    }

    private sealed class Replies : IReplyWriter
    {
        public List<Delivery> Detached { get; } = [];

        public void Detach(Delivery held) => Detached.Add(held);

        public ValueTask<bool> WriteAsync(in CallReply reply) => throw new NotSupportedException();

        public Task FlushAsync() => throw new NotSupportedException();

        public void EndCall(Delivery ended, bool acknowledge, bool wasDetached) => throw new NotSupportedException();
    }
}
