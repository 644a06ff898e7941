using RpcGen.Client;
using RpcGen.Generated;
using RpcGen.Tests.Client.Support;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Calls;

/// <summary>Endings that are no replies: deadline, cancellation, disposal, and calls that cannot start.</summary>
public sealed class EndingTests : ClientFixture
{
    private static readonly RpcCallOptions Second = new() { Timeout = TimeSpan.FromSeconds(1) };

    [Fact]
    public async Task A_call_that_was_not_sent_times_out_as_not_started()
    {
        await LoseAsync("torn");
        Task<int> call = Call(new TestMethod<int>(), Second);
        Time.Advance(TimeSpan.FromSeconds(1.1));

        var failure = await Fails<RpcTimeoutException>(call);
        Assert.Equal(("Do", RpcExecution.NotStarted), (failure.Method, failure.Execution));
        Assert.NotNull(failure.CallId);
        Assert.Contains("The request was not sent. There is no connection: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blocked_call_times_out_with_the_brokers_reason()
    {
        Connection.Block("memory");
        Task<int> call = Call(new TestMethod<int>(), Second);
        Time.Advance(TimeSpan.FromSeconds(1.1));

        Assert.EndsWith("The request was not sent. The broker blocks publishers: memory.", (await Fails<RpcTimeoutException>(call)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_queue_is_inspected_shortly_before_the_deadline()
    {
        Connection.Queues["q"] = new QueueState(ReadyMessages: 5, Consumers: 2);
        Task<int> call = Call(new TestMethod<int>(), Second);
        Time.Advance(TimeSpan.FromSeconds(0.7));
        Assert.Equal(0, Connection.Inspections);
        Time.Advance(TimeSpan.FromSeconds(0.1));
        await Until(() => Connection.Inspections == 1 && Connection.Channels.Any(channel => channel.IsDisposed));
        await Task.Delay(50, Cancel); // the report follows right after
        Time.Advance(TimeSpan.FromSeconds(0.3));

        var failure = await Fails<RpcTimeoutException>(call);
        Assert.Equal((Channel.Single.Id, RpcExecution.Unknown), (failure.CallId, failure.Execution));
        Assert.Contains("it may have run and may still run. Queue 'q' has 2 consumers and 5 waiting messages. The servers do not keep up", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_was_lost_and_not_sent_again_may_have_run()
    {
        Task<int> call = Call(new TestMethod<int> { Idempotent = true }, Second);
        await LoseAsync();
        Time.Advance(TimeSpan.FromSeconds(1.1));

        var failure = await Fails<RpcTimeoutException>(call);
        Assert.Equal(RpcExecution.Unknown, failure.Execution);
        Assert.Contains("then the connection or its server was lost", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_link_no_queue_is_inspected()
    {
        await LoseAsync();
        Task<int> call = Call(new TestMethod<int>(), Second);
        Time.Advance(TimeSpan.FromSeconds(0.8));
        Time.Advance(TimeSpan.FromSeconds(0.3));

        await Fails<RpcTimeoutException>(call);
        Assert.Equal(0, Connection.Inspections);
    }

    [Fact]
    public async Task The_clients_timeout_is_used_unless_the_call_has_one()
    {
        RpcCaller<int, int> caller = Caller(new TestMethod<int>(), new ClientSettings { Timeout = TimeSpan.FromSeconds(5) });
        _ = caller.CallAsync(RpcCallOptions.None, 1, Cancel).AsTask();
        _ = caller.CallAsync(Second, 1, Cancel).AsTask();
        _ = Caller(new TestMethod<int>()).CallAsync(RpcCallOptions.None, 1, Cancel).AsTask();

        Assert.Equal([5000L, 1000L, (long)RpcTimeouts.Default.TotalMilliseconds], Channel.All.Select(request => request.Message.Expiration));
        await Task.CompletedTask;
    }

    [Fact]
    public async Task A_cancelled_call_ends_at_once_and_its_server_is_told()
    {
        using var source = new CancellationTokenSource();
        Task<int> call = CallCancellably(new TestMethod<int>(), Second, source.Token);
        Time.Advance(TimeSpan.FromMilliseconds(400));
        await source.CancelAsync();

        Assert.Equal(source.Token, (await Fails<OperationCanceledException>(call)).CancellationToken);
        await Until(() => Connection.Publishers.Any(publisher => publisher.All.Count == 1));
        OutgoingMessage cancel = Connection.Publishers.Single(publisher => publisher.All.Count == 1).All[0].Message;
        OutgoingMessage request = Channel.Single.Message;
        Assert.Equal(("q.cancel", ""), (cancel.Exchange, cancel.RoutingKey));
        Assert.Equal((request.CorrelationId.Number, request.ReplyTo, 600L), (cancel.CorrelationId.Number, cancel.ReplyTo, cancel.Expiration));
    }

    [Fact]
    public async Task Nobody_is_told_of_a_cancelled_call_that_was_not_sent_or_is_bare()
    {
        using var source = new CancellationTokenSource();
        Task<int> bare = Caller(new TestMethod<int>(), bodyStyle: RpcBodyStyle.Bare).CallAsync(Second, 1, source.Token).AsTask();
        Connection.Block("memory");
        Task<int> unsent = CallCancellably(new TestMethod<int>(), Second, source.Token);
        await source.CancelAsync();

        await Fails<OperationCanceledException>(bare);
        await Fails<OperationCanceledException>(unsent);
        await Task.Delay(5, Cancel);
        Assert.Equal([Channel], Connection.Channels);
    }

    [Fact]
    public async Task A_token_that_is_cancelled_before_or_after_the_call_sends_nothing()
    {
        var cancelled = new CancellationToken(canceled: true);
        await Fails<TaskCanceledException>(CallCancellably(new TestMethod<int>(), Second, cancelled));
        await Fails<TaskCanceledException>(Caller(new TestMethod<RpcVoid>()).CallVoidAsync(Second, 1, cancelled).AsTask());
        Assert.Empty(Channel.All);

        using var source = new CancellationTokenSource();
        Task<int> call = CallCancellably(new TestMethod<int>(), Second, source.Token);
        Channel.Reply(Channel.Single, "1");
        await Gets(call);
        await source.CancelAsync();
        await Task.Delay(5, Cancel);
        Assert.Equal([Channel], Connection.Channels);
    }

    [Fact]
    public async Task Disposal_fails_what_is_pending_and_accepts_no_more()
    {
        Task<int> sent = Call(new TestMethod<int>());
        Connection.Block("memory");
        Task<int> unsent = Call(new TestMethod<int>());
        Session.Close();

        var unknown = await Fails<RpcConnectionException>(sent);
        var notStarted = await Fails<RpcConnectionException>(unsent);
        Assert.Equal((RpcExecution.Unknown, Channel.Single.Id, "Do"), (unknown.Execution, unknown.CallId, unknown.Method));
        Assert.Equal(RpcExecution.NotStarted, notStarted.Execution);
        Assert.Contains("was not sent", notStarted.Message, StringComparison.Ordinal);
        Assert.Contains("may still run", unknown.Message, StringComparison.Ordinal);
        await Fails<ObjectDisposedException>(Call(new TestMethod<int>()));
    }

    [Fact]
    public async Task Calls_of_handlers_go_on_until_the_session_is_disposed()
    {
        var handling = new RpcCallContext(Server.TestMethod.Create("Outer"), null, 1, isRedelivered: false, Time, long.MaxValue);
        RpcCallContext.Current = handling;
        Task<int> before = Call(new TestMethod<int>());
        Session.Close();
        Task<int> after = Call(new TestMethod<int>());
        RpcCallContext.Current = null;
        Channel.Reply(Channel.All[0], "1");
        Assert.Equal(1, await Gets(before));

        await Session.DisposeAsync();
        await Fails<RpcConnectionException>(after);
        RpcCallContext.Current = handling;
        await Fails<ObjectDisposedException>(Call(new TestMethod<int>()));
        RpcCallContext.Current = null;
    }

    [Fact]
    public async Task A_call_of_a_handler_whose_time_is_up_is_not_sent()
    {
        RpcCallContext.Current = new RpcCallContext(Server.TestMethod.Create("Outer"), null, 1, isRedelivered: false, Time, Time.GetTimestamp());
        Task<int> call = Call(new TestMethod<int>());
        RpcCallContext.Current = null;

        var failure = await Fails<RpcTimeoutException>(call);
        Assert.Equal(("Do", RpcExecution.NotStarted), (failure.Method, failure.Execution));
        Assert.NotNull(failure.CallId);
        Assert.Contains("'Outer'", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, Session.PendingCount);
    }

    [Fact]
    public async Task Invalid_arguments_are_not_sent()
    {
        var failure = await Fails<RpcValidationException>(Call(new TestMethod<int> { Violation = "must be even." }));

        Assert.Equal(("Do", RpcExecution.NotStarted, "must be even."), (failure.Method, failure.Execution, failure.Errors["n"].Single()));
        Assert.NotNull(failure.CallId);
        Assert.Empty(Channel.All);
        Assert.Equal(0, Session.PendingCount);
    }

    [Fact]
    public async Task Arguments_without_a_form_in_JSON_are_not_sent()
    {
        var failure = await Fails<RpcProtocolException>(Call(new TestMethod<int> { Writes = _ => throw new NotSupportedException("no pointers") }));
        Assert.Equal(("Do", RpcExecution.NotStarted), (failure.Method, failure.Execution));
        Assert.Contains("no pointers", failure.Message, StringComparison.Ordinal);
        Assert.NotNull(failure.CallId);

        var endless = await Fails<RpcValidationException>(Call(new TestMethod<int>
        {
            Writes = writer =>
            {
                while (true)
                {
                    writer.WriteStartArray();
                }
            },
        }));
        Assert.Contains("deeper than 64 levels", endless.Message, StringComparison.Ordinal);
        Assert.Empty(Channel.All);

        var failed = await Fails<RpcProtocolException>(Call(new TestMethod<int> { Writes = _ => throw new FormatException() })); // a bug of the user's converter
        Assert.IsType<FormatException>(failed.InnerException);
        Task<int> next = Call(new TestMethod<int>()); // the buffers are empty again
        Assert.Equal("{\"n\":1}", Channel.Single.Body);
        Channel.Reply(Channel.Single, "1");
        await Gets(next);
    }

    [Fact]
    public async Task A_void_call_that_cannot_start_fails_through_its_task()
    {
        ValueTask call = Caller(new TestMethod<RpcVoid> { Violation = "no." }).CallVoidAsync(RpcCallOptions.None, 1, Cancel);

        await Fails<RpcValidationException>(call.AsTask());
    }

    [Fact]
    public async Task A_session_can_start_in_the_background()
    {
        await using var session = new CallSession(Settings, Connections, Environment);
        Task open = session.WaitUntilOpenAsync(Cancel);
        Assert.False(open.IsCompleted);
        session.StartInBackground();

        await open.WaitAsync(Bounds.Soon, Cancel);
    }
}
