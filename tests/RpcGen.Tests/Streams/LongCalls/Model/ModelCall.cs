using RpcGen.Streams.LongCalls;
using RpcGen.Transport;
using Xunit;

namespace RpcGen.Tests.Streams.LongCalls.Model;

/// <summary>Whether a call can run again.</summary>
internal enum ModelKind
{
    Unmarked,
    Idempotent,
    AtMostOnce,
}

/// <summary>A call, as its caller sees it.</summary>
/// <param name="number">Its number.</param>
/// <param name="kind">Whether it can run again.</param>
internal sealed class ModelCall(int number, ModelKind kind)
{
    public CorrelationId Id { get; } = new CorrelationId($"call {number}").Normalize();

    public ModelKind Kind => kind;

    /// <summary>Which attempt is the latest.</summary>
    public int Attempt { get; set; }

    /// <summary>The callback queue of the latest attempt.</summary>
    public string ReplyTo { get; set; } = "";

    /// <summary>All that have run, or run.</summary>
    public List<ModelRun> Runs { get; } = [];

    public string? Outcome { get; private set; }

    public void End(string outcome)
    {
        Assert.Null(Outcome); // a call has one outcome
        Outcome = outcome;
    }

    public override string ToString() => $"{kind} {Id}, attempt {Attempt}, {Outcome ?? "waiting"}: {string.Join("; ", Runs)}";
}

/// <summary>A call that was announced to its caller.</summary>
internal sealed class ModelAwaited(ModelCall call, string replyTo) : AwaitedCall(call.Id, replyTo, "requests")
{
    public ModelCall Call => call;

    public override bool IsOver => call.Outcome is not null;

    public override void OnReply(in IncomingMessage reply) => Assert.Fail("The table passes nothing on.");

    public override void OnEnded(AwaitedEnd end) => Assert.Fail("The table passes nothing on.");
}

/// <summary>A request of a call in its queue.</summary>
internal sealed record ModelRequest(ModelCall Call, int Attempt, string ReplyTo, bool IsRedelivered);

/// <summary>A handler of a call.</summary>
internal sealed class ModelRun(ModelServer server, ModelRequest request) : ServedLongCall(request.Call.Id, request.ReplyTo)
{
    private bool _isOver;

    public ModelServer Server => server;

    public ModelRequest Request => request;

    /// <summary>Whether the broker does not have the request any more.</summary>
    public bool IsAcknowledged { get; set; }

    public bool IsAdopted { get; private set; }

    /// <summary>Whether the handler's token has fired.</summary>
    public bool IsCancelled { get; private set; }

    /// <summary>Whether its caller was told that its server has ended.</summary>
    public bool IsGone { get; set; }

    public override bool IsOver => _isOver;

    /// <summary>Whether the handler runs, and neither it nor its caller knows that it is of no use.</summary>
    public bool IsLive => !_isOver && !IsCancelled && !IsGone && !server.IsDead;

    /// <summary>The handler has ended, or was given up with its channel.</summary>
    public void End() => _isOver = true;

    public override bool TryAdopt() => !_isOver && !IsAdopted && (IsAdopted = true);

    public override void OnAdopted() => IsAcknowledged = true;

    public override void OnUnwanted(string reason) => IsCancelled = true;

    public override string ToString() => $"{server.Name}{(IsAdopted ? " adopted" : "")}{(IsCancelled ? " cancelled" : "")}{(_isOver ? " over" : "")}";
}
