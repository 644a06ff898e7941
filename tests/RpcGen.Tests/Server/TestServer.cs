using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using RpcGen.Generated;
using RpcGen.Runtime;
using RpcGen.Serialization;
using RpcGen.Server;
using RpcGen.Server.Acknowledging;
using RpcGen.Server.Consuming;
using RpcGen.Server.Running;
using RpcGen.Server.Settings;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Server;

/// <summary>The parts of a server, on a <see cref="ScriptedChannel"/>, with simulated time and a log that is kept.</summary>
internal sealed class TestServer
{
    private readonly List<MethodHandler> _handlers = [];
    private ServiceDispatcher? _dispatcher;
    private ServeLink? _link;
    private DescriptionAccess? _descriptionAccess;

    public TestServer(FakeTimeProvider? time = null)
    {
        Time = time ?? new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Environment = new RpcEnvironment(Time, new CountingRandom(), Log) { CallLog = CallLog };
    }

    public static RpcJson Json { get; } = RpcJsonFactory.Create([], new RpcContract("q"));

    public FakeTimeProvider Time { get; }

    public ListLog Log { get; } = new();

    /// <summary>The log of single calls; off at first.</summary>
    public ListLog CallLog { get; } = new() { IsOn = false };

    public RpcEnvironment Environment { get; }

    public ScriptedChannel Channel { get; } = new();

    public LinkDrains Drains { get; } = new();

    public ServerSettings Settings { get; set; } = CreateSettings();

    public BrokerLimitsOfServer Limits => field ??= new BrokerLimitsOfServer(Settings, Environment);

    public ConsumerLimit Limit => Limits.Consumer;

    public List<IRpcServerInterceptor> Interceptors { get; } = [];

    public CallerChecks Checks { get; set; } = CallerChecks.None;

    /// <summary>Who gets the description; null for everyone.</summary>
    public string? DescriptionPolicy { get; set; }

    public IReadOnlyCollection<MethodHandler> Handlers => _handlers;

    public ServiceDispatcher Dispatcher => _dispatcher ??= new ServiceDispatcher(Settings, _handlers, Environment, _descriptionAccess, Limits.Message);

    /// <summary>Whether the broker marks each message that it delivers again.</summary>
    public bool MarksEachRedelivery { get; set; } = true;

    public ServeLink Link => _link ??= new ServeLink(Settings, Dispatcher, Environment, Drains, Limits, Channel, marksEachRedelivery: MarksEachRedelivery);

    public List<Delivery> AcknowledgedEarly { get; } = [];

    public static ServerSettings CreateSettings(RpcBodyStyle style = RpcBodyStyle.Object) => new()
    {
        Contract = new RpcContract("q") { BodyStyle = style, Name = "Demo.IService", Version = "1.2.3" },
        Queue = new QueueDeclaration("q", QueueKind.Classic),
        Broker = "test broker",
        UserName = "ada",
        MaxMessageBytes = 1000,
        IsServedHere = queue => queue == "q",
    };

    public TestServer Serve(Func<string, CancellationToken, ValueTask<string>> run, string name = "echo", Func<RpcJson, TestMethod>? method = null) =>
        Serve(new SharedService<TestService>(new TestService(run)), name, method);

    public TestServer Serve(ServiceSource<TestService> services, string name = "echo", Func<RpcJson, TestMethod>? method = null)
    {
        var binder = new ServiceBinder<TestService>(services, Interceptors, Checks, "q", Json);
        binder.Bind(method is null ? new TestMethod(Json, name) : method(Json));
        _handlers.AddRange(binder.Handlers);
        _descriptionAccess = binder.CreateDescriptionAccess(DescriptionPolicy);
        return this;
    }

    /// <summary>Serves nothing again.</summary>
    public void Clear()
    {
        _handlers.Clear();
        _dispatcher = null;
    }

    public static IncomingMessage Request(
        string? type = "echo", string body = """{"text":"hi"}""", string? id = "1", string? replyTo = "rpc.cb.me", ulong tag = 1, string? expiration = null,
        bool isRedelivered = false, string? contentType = "application/json", long timestamp = 0, string? encoding = null, IDictionary<string, object?>? headers = null, byte priority = 0) => new()
        {
            DeliveryTag = tag,
            Type = type,
            CorrelationId = id,
            ReplyTo = replyTo,
            Expiration = expiration,
            IsRedelivered = isRedelivered,
            ContentType = BatchText.ContentTypeOf(type, contentType),
            ContentEncoding = encoding,
            Timestamp = timestamp,
            Headers = headers,
            Priority = priority,
            Body = Encoding.UTF8.GetBytes(BatchText.Request(type, body)),
        };

    /// <summary>A call object for a message, as the scheduler would make it.</summary>
    public ServerCall Begin(in IncomingMessage message)
    {
        var delivery = new Delivery();
        delivery.Begin(in message, Time.GetTimestamp(), Settings.MaxMessageBytes);
        var call = new ServerCall(new EarliestDeadline(Time, _ => long.MaxValue));
        call.Begin(delivery, in message);
        return call;
    }

    /// <summary>Has a message dispatched.</summary>
    public async Task<(CallOutcome Outcome, ServerCall Call)> HandleAsync(IncomingMessage message)
    {
        ServerCall call = Begin(in message);
        return (await Dispatcher.HandleAsync(call, AcknowledgeEarly).Soon(), call);

        ValueTask AcknowledgeEarly(ServerCall early)
        {
            AcknowledgedEarly.Add(early.Delivery);
            return default;
        }
    }

    public void Deliver(IncomingMessage message) => Link.OnDelivered(in message);
}

/// <summary>Keeps log lines.</summary>
internal sealed class ListLog : ILogger
{
    private readonly List<(int Id, string Text)> _lines = [];

    public Exception? Failure { get; set; }

    public bool FailsOnce { get; set; }

    public bool IsOn { get; set; } = true;

    public List<object?> Scopes { get; } = [];

    public IReadOnlyList<int> Ids
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines.Select(line => line.Id)];
            }
        }
    }

    public string Text(int id)
    {
        lock (_lines)
        {
            return _lines.First(line => line.Id == id).Text;
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        Scopes.Add(state);
        return null;
    }

    public bool IsEnabled(LogLevel logLevel) => IsOn;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (Failure is not null)
        {
            Exception failure = Failure;
            Failure = FailsOnce ? null : Failure;
            throw failure;
        }

        lock (_lines)
        {
            _lines.Add((eventId.Id, formatter(state, exception)));
        }
    }
}

/// <summary>Random bits that a test can predict.</summary>
internal sealed class CountingRandom : IRandomSource
{
    private long _next;

    public ulong NextBits() => (ulong)Interlocked.Increment(ref _next);
}
