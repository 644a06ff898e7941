using System.Text;
using System.Text.Json.Nodes;
using RpcGen.Connections;
using RpcGen.Protocol;
using RpcGen.Streams;
using RpcGen.Tests.Client.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Calls;

/// <summary>What each event means for a call that a server has announced as long.</summary>
public sealed class AnnouncedCallTests : ClientFixture
{
    private const string ServerQueue = "rpc.cb.server";

    private static readonly RpcCallOptions Patient = new() { Timeout = TimeSpan.FromHours(1) };

    private readonly FakeConnection _streams = new();
    private StreamLinks _links = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _links = new StreamLinks(
            new StreamSettings("the broker", 15 << 20),
            () => new Supervisor<ITransportConnection>("The connection for streams", _ => Task.FromResult<ITransportConnection>(_streams), Environment),
            Environment);
        Session.LongCalls.Awaited = _links.LongCalls.Awaited;
    }

    public override async ValueTask DisposeAsync()
    {
        await _links.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task A_server_that_announces_a_call_is_told_that_it_is_waited_for()
    {
        (_, Published request) = await AnnounceAsync(new TestMethod<int>());

        Published waiting = Assert.Single(_streams.Calls.All);
        Assert.Equal(("waiting", ServerQueue), (waiting.Type, waiting.RoutingKey));
        Assert.Equal($$"""[["{{request.Id}}","rpc.cb.~me",1]]""", JsonNode.Parse(waiting.Body)!["calls"]!.ToJsonString());
    }

    [Fact]
    public async Task A_call_that_was_taken_over_takes_its_reply_from_its_server_alone()
    {
        (Task<int> call, Published request) = await TakeOverAsync(new TestMethod<int>());

        Channel.Reply(request, "1"); // another server
        Assert.False(call.IsCompleted);
        Say(type: null, "2", request.Id);

        Assert.Equal(2, await Gets(call));
        Say(type: null, "3", request.Id); // twice
    }

    [Fact]
    public async Task A_call_that_was_only_announced_takes_either_reply()
    {
        (Task<int> call, Published request) = await AnnounceAsync(new TestMethod<int>());

        Channel.Reply(request, "1");

        Assert.Equal(1, await Gets(call));
    }

    [Fact]
    public async Task A_fault_of_a_long_call_is_a_fault()
    {
        (Task<int> call, Published request) = await TakeOverAsync(new TestMethod<int>());

        Say("fault", """{"type":"urn:rpcgen:fault:internal","title":"No.","detail":"broken"}""", request.Id);

        Assert.Equal("broken", (await Fails<RpcRemoteException>(call)).Message);
    }

    [Fact]
    public async Task A_request_that_comes_back_is_ignored_once_the_call_is_taken_over()
    {
        (Task<int> call, Published request) = await TakeOverAsync(new TestMethod<int>());
        int sent = Channel.All.Length;

        Channel.Reply(request, "", type: "again", contentType: null);

        Assert.Equal(sent, Channel.All.Length);
        Say(type: null, "2", request.Id);
        Assert.Equal(2, await Gets(call));
    }

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(true, false, true)]
    [InlineData(false, true, false)]
    public async Task A_call_that_its_server_has_given_up_is_sent_again_only_if_it_can_run_twice(bool isIdempotent, bool isAtMostOnce, bool isSentAgain)
    {
        (Task<int> call, Published request) = await TakeOverAsync(new TestMethod<int> { Idempotent = isIdempotent, AtMostOnce = isAtMostOnce });
        int sent = Channel.All.Length;

        SayRunning(unknown: request.Id!);

        await AssertAsync(isSentAgain, call, request, sent, "has given the call up");
    }

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(true, false, true)]
    [InlineData(false, true, false)]
    public async Task A_call_whose_server_hangs_is_sent_again_only_if_it_can_run_twice(bool isIdempotent, bool isAtMostOnce, bool isSentAgain)
    {
        (Task<int> call, Published request) = await TakeOverAsync(new TestMethod<int> { Idempotent = isIdempotent, AtMostOnce = isAtMostOnce });
        int sent = Channel.All.Length;

        await AdvanceUntil(() => call.IsCompleted || Channel.All.Length > sent, StreamBeat.Default);

        await AssertAsync(isSentAgain, call, request, sent, "is silent");
    }

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(true, false, true)]
    [InlineData(false, true, false)]
    public async Task A_call_whose_server_has_ended_is_sent_again_unless_it_runs_at_most_once(bool isIdempotent, bool isAtMostOnce, bool isSentAgain)
    {
        (Task<int> call, Published request) = await TakeOverAsync(new TestMethod<int> { Idempotent = isIdempotent, AtMostOnce = isAtMostOnce });
        int sent = Channel.All.Length;
        string name = JsonNode.Parse(_streams.Calls.All[0].Body)!["instance"]!.GetValue<string>();

        _streams.Calls.Return(_streams.Calls.All[0]);
        await AdvanceUntil(() => call.IsCompleted || Channel.All.Length > sent, StreamBeat.Default);

        await AssertAsync(isSentAgain, call, request, sent, "has ended");
        Published search = Connection.Publishers.ToArray().SelectMany(publisher => publisher.All).First(message => message.Type == "waiting"); // it can be connected again
        Assert.Equal(("q.cancel", name, _links.Current!.Queue), (search.Message.Exchange, search.Id, search.Message.ReplyTo));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_survives_the_loss_of_its_callback_queue_if_a_server_knows_another_way(bool isAnnounced)
    {
        Task<int> call = Call(new TestMethod<int>(), Patient);
        Published request = Channel.All[^1];
        if (isAnnounced)
        {
            await OpenAsync(request);
        }

        await LoseAsync();

        if (!isAnnounced)
        {
            await Fails<RpcConnectionException>(call);
            return;
        }

        SayRunning(calls: request.Id!);
        Say(type: null, "2", request.Id);
        Assert.Equal(2, await Gets(call));
    }

    [Theory]
    [InlineData("{}", ServerQueue)]
    [InlineData("no JSON", ServerQueue)]
    [InlineData("""{"instance":"s"}""", "orders")]
    [InlineData("""{"instance":"s"}""", null)]
    public async Task An_announcement_that_cannot_be_read_or_names_a_foreign_queue_changes_nothing(string body, string? queue)
    {
        Task<int> call = Call(new TestMethod<int>(), Patient);
        Published request = Channel.All[^1];

        Open(request.Id!, body, queue);

        Assert.False(_links.LongCalls.IsAny);
        Channel.Reply(request, "1");
        Assert.Equal(1, await Gets(call));
    }

    [Fact]
    public async Task An_announcement_of_an_unknown_call_changes_nothing()
    {
        Task<int> call = Call(new TestMethod<int>(), Patient);
        Published request = Channel.All[^1];
        Channel.Reply(request, "1");
        Assert.Equal(1, await Gets(call));

        Open(request.Id!, """{"instance":"s"}""", ServerQueue);
        Open("other", """{"instance":"s"}""", ServerQueue);

        Assert.False(_links.LongCalls.IsAny);
    }

    private async Task<(Task<int> Call, Published Request)> AnnounceAsync(TestMethod<int> method)
    {
        Task<int> call = Call(method, Patient);
        Published request = Channel.All[^1];
        await OpenAsync(request);
        return (call, request);
    }

    private async Task<(Task<int> Call, Published Request)> TakeOverAsync(TestMethod<int> method)
    {
        (Task<int> call, Published request) = await AnnounceAsync(method);
        SayRunning(calls: request.Id!);
        return (call, request);
    }

    private async Task OpenAsync(Published request)
    {
        Open(request.Id!, """{"every":5000,"instance":"s","run":1}""", ServerQueue);
        await Until(() => _links.Current is not null && _streams.Calls.All.Length > 0);
    }

    private void Open(string id, string body, string? queue) => Channel.Consumer!.OnDelivered(new IncomingMessage
    {
        Type = "open",
        CorrelationId = id,
        RoutingKey = "rpc.cb.~me",
        ReplyTo = queue,
        ContentType = "application/json",
        Body = Encoding.UTF8.GetBytes(body),
    });

    private void SayRunning(string? calls = null, string? unknown = null) => Say(
        "running",
        $$"""{"every":5000,"instance":"s","calls":[{{(calls is null ? "" : $"\"{calls}\"")}}],"unknown":[{{(unknown is null ? "" : $"\"{unknown}\"")}}]}""",
        id: null);

    private void Say(string? type, string body, string? id) => _streams.Calls.Consumer!.OnDelivered(new IncomingMessage
    {
        Type = type,
        CorrelationId = id,
        RoutingKey = _links.Current!.Queue,
        ReplyTo = ServerQueue,
        ContentType = type == "fault" ? "application/problem+json" : "application/json",
        Body = Encoding.UTF8.GetBytes(body),
    });

    private async Task AssertAsync(bool isSentAgain, Task<int> call, Published request, int sent, string says)
    {
        if (!isSentAgain)
        {
            Assert.Contains(says, (await Fails<RpcConnectionException>(call)).Message, StringComparison.Ordinal);
            Assert.Equal(sent, Channel.All.Length);
            return;
        }

        Published again = Channel.All[^1];
        Assert.Equal(("$batch", sent + 1), (again.Type, Channel.All.Length));
        Channel.Reply(again, $"[[\"{request.Id}\",5]]", type: "$batch");
        Assert.Equal(5, await Gets(call));
    }
}
