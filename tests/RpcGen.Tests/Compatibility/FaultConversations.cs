using System.Text;
using RpcGen.Protocol;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Compatibility;

/// <summary>Replies that are faults: one of each code.</summary>
internal static class FaultConversations
{
    public static readonly Conversation[] All =
    [
        new("declared-fault", "A fault that the contract declares.")
        {
            Call = async stage =>
            {
                RecordedException e = await Conversations.FailsAsync<RecordedException>((await stage.ClientAsync()).FailAsync("sold-out"));
                Assert.Equal(("Only 2 nuts are left.", "nut", 2), (e.Message, e.Article, e.Left));
            },
        },
        new("failed-handler", "Faults of handlers that fail, or give up by themselves.")
        {
            Call = async stage =>
            {
                IRecorded client = await stage.ClientAsync();
                Assert.Equal("internal", (await Conversations.FailsAsync<RpcRemoteException>(client.FailAsync("internal"))).Code);
                Assert.Equal("cancelled", (await Conversations.FailsAsync<RpcRemoteException>(client.FailAsync("cancelled"))).Code);
            },
        },
        new("detailed-fault", "A fault with the exception, from a server with detailed errors.")
        {
            Serve = stage => stage.ServeAsync<IRecorded>(new FailingService(), new RpcServerOptions { EnableDetailedErrors = true }),
            Call = async stage => Assert.Equal("detail", (await Conversations.FailsAsync<RpcRemoteException>((await stage.ClientAsync()).FailAsync("internal"))).RemoteDetails),
        },
        new("refused-caller", "Faults of callers that are not known, or not allowed. The handler says so.")
        {
            Call = async stage =>
            {
                IRecorded client = await stage.ClientAsync();
                RpcAccessDeniedException unknown = await Conversations.FailsAsync<RpcAccessDeniedException>(client.FailAsync("unauthenticated"));
                RpcAccessDeniedException denied = await Conversations.FailsAsync<RpcAccessDeniedException>(client.FailAsync("permission-denied"));
                Assert.Equal((true, false, RpcExecution.Started), (unknown.IsUnauthenticated, denied.IsUnauthenticated, denied.Execution));
            },
        },
        new("refused-request", "Faults of requests that break the contract, or that the server does not know.")
        {
            Call = async stage =>
            {
                IRecordedOtherwise client = await stage.CreateClientAsync<IRecordedOtherwise>();
                Assert.Equal(["number"], (await Conversations.FailsAsync<RpcValidationException>(client.ForgetAsync(1001))).Errors.Keys);
                Assert.Equal(["order"], (await Conversations.FailsAsync<RpcValidationException>(client.PlaceAsync("text"))).Errors.Keys);
                Assert.Equal("protocol", (await Conversations.FailsAsync<RpcProtocolException>(client.CountAsync(1))).Code);
                Assert.Equal("unknown-method", (await Conversations.FailsAsync<RpcProtocolException>(client.RenamedAsync())).Code);
            },
        },
        new("too-large", "Faults of a request and a result that exceed a limit.")
        {
            Options = isClient => new RpcConnectionOptions { MaxMessageBytes = isClient ? 10_000 : 1000, Batching = false },
            Call = async stage =>
            {
                IRecorded client = await stage.ClientAsync();
                Assert.Equal("too-large", (await Conversations.FailsAsync<RpcProtocolException>(client.FailAsync(new string('x', 1200)))).Code);
                Assert.Equal("result-too-large", (await Conversations.FailsAsync<RpcProtocolException>(client.FailAsync(new string('x', 600)))).Code);
            },
        },
        new("timeout", "A fault of a handler that takes longer than the server allows.")
        {
            Call = async stage =>
            {
                Task<int> call = (await stage.ClientAsync()).With(timeout: TimeSpan.FromSeconds(10)).HurryAsync(1000);
                await stage.PassForHandlerAsync(100);
                Assert.Equal(RpcExecution.Started, (await Conversations.FailsAsync<RpcTimeoutException>(call)).Execution);
            },
            Notes = ["cancelled"],
        },
        new("interrupted", "A request that runs at most once, and was delivered again.")
        {
            Serve = stage => stage.RedeliverAsync("recorded", () => stage.ServeAsync<IRecorded>(stage.Service)),
            Call = async stage => Assert.Equal(RpcExecution.Unknown, (await Conversations.FailsAsync<RpcConnectionException>((await stage.ClientAsync()).PayAsync(5))).Execution),
        },
        new("other-faults", "Faults of servers that stop, have too much to do, or are older, and of a peer that knows more codes.")
        {
            Serve = ServeFaultsAsync,
            Call = async stage =>
            {
                IRecorded client = await stage.ClientAsync();
                Assert.Equal(RpcUnavailableReason.Overloaded, (await Conversations.FailsAsync<RpcUnavailableException>(client.FailAsync("unavailable"))).Reason);
                Assert.Equal(TimeSpan.FromSeconds(1.5), (await Conversations.FailsAsync<RpcUnavailableException>(client.FailAsync("overloaded"))).RetryAfter);
                Assert.Equal("unsupported", (await Conversations.FailsAsync<RpcProtocolException>(client.FailAsync("unsupported"))).Code);
                Assert.Equal(RpcExecution.Unknown, (await Conversations.FailsAsync<RpcTimeoutException>(client.FailAsync("timeout"))).Execution);
                Assert.Equal("rpc-new", (await Conversations.FailsAsync<RpcRemoteException>(client.FailAsync("rpc-new"))).Code);
            },
        },
    ];

    /// <summary>A server that writes the faults which a test cannot provoke.</summary>
    private static async Task ServeFaultsAsync(Stage stage)
    {
        ITransportConnection connection = await new RecordingTransport(stage.Transport, stage.Recorder, isClient: false).ConnectAsync("faults", TestContext.Current.CancellationToken);
        ITransportChannel channel = await connection.OpenChannelAsync(TestContext.Current.CancellationToken);
        await channel.DeclareQueueAsync(new QueueDeclaration("recorded", QueueKind.Classic), TestContext.Current.CancellationToken);
        await channel.ConsumeAsync("recorded", prefetch: 0, new FaultServer(channel), TestContext.Current.CancellationToken);
    }

    private sealed class FaultServer(ITransportChannel channel) : ITransportConsumer
    {
        public void OnDelivered(in IncomingMessage message)
        {
            var body = new PooledBuffer();
            string code = Encoding.UTF8.GetString(message.Body.Span).Split('"')[3];
            if (code == FaultCodes.Overloaded)
            {
                FaultWriter.WriteOverloaded(body, "The server has too much to do.", TimeSpan.FromSeconds(1.5));
            }
            else
            {
                FaultWriter.Write(body, code, "A title.", "A detail.", code == FaultCodes.Timeout ? RpcExecution.Unknown : null);
            }

            var fault = new OutgoingMessage
            {
                Exchange = "",
                RoutingKey = message.ReplyTo!,
                ContentType = WireNames.ProblemJson,
                Type = WireNames.Fault,
                CorrelationId = new CorrelationId(message.CorrelationId),
                Body = body.Written.ToArray(),
            };
            _ = channel.PublishAsync(in fault, CancellationToken.None).AsTask();
        }

        public void OnCancelledByBroker()
        {
        }
    }
}
