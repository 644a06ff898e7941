using RpcGen.Protocol;
using RpcGen.Streams.LongCalls;
using RpcGen.Transport;

namespace RpcGen.Tests.Streams.LongCalls.Model;

/// <summary>A process that runs calls, around the real <see cref="ServedTable"/>.</summary>
internal sealed class ModelServer : IModelProcess
{
    private readonly LongCallModel _model;
    private readonly ServedTable _table;
    private readonly List<ModelRun> _runs = [];
    private string? _link;
    private int _links;

    public ModelServer(LongCallModel model, string name)
    {
        _model = model;
        _table = new ServedTable(model.Time);
        (Name, Inbox) = (name, $"inbox of {name}");
    }

    public string Name { get; }

    /// <summary>The queue to which messages for all instances go.</summary>
    public string Inbox { get; }

    public bool IsFrozen { get; set; }

    public bool IsDead { get; private set; }

    public bool HasLink => _link is not null;

    /// <summary>Whether the channel exists that requests come on.</summary>
    public bool IsServing { get; private set; }

    public bool IsEmpty => _table.Count == 0 && _table.Report().Count == 0 && !_runs.Exists(static run => !run.IsOver);

    /// <summary>Whether it is able to answer the call of a caller.</summary>
    public bool Answers(LongPeer caller, CorrelationId id) => _table.CallsOf(caller).Any(name => name.Id == id);

    /// <summary>Whether a caller is known by a name.</summary>
    public bool Knows(string instance) => _table.OnMoved(instance, "", _model.Time.GetTimestamp()) is not null;

    private string Serving => $"serving of {Name} {_links}";

    public void OpenServing()
    {
        IsServing = true;
        _links++;
        _model.Network.Declare(Inbox, this);
    }

    /// <summary>The channel is lost: calls that were not taken over are given up, and the broker delivers their requests again.</summary>
    public void CloseServing()
    {
        if (!IsServing)
        {
            return;
        }

        IsServing = false;
        foreach (ModelReply lost in _model.Network.Close(Serving).Select(static message => message.Body).OfType<ModelReply>().Where(static lost => lost.Request.Call.Kind != ModelKind.AtMostOnce))
        {
            _model.Requests.Add(lost.Request with { IsRedelivered = true }); // the acknowledgement, which comes after the reply, is lost too
        }

        _model.Network.Delete(Inbox);
        foreach (ModelRun run in _runs.Where(static run => !run.IsAdopted))
        {
            run.End();
            _model.Requests.AddRange(run.IsAcknowledged ? [] : [run.Request with { IsRedelivered = true }]);
            run.IsAcknowledged = true;
        }
    }

    /// <summary>A request is delivered.</summary>
    public void Take(ModelRequest request)
    {
        if (request.IsRedelivered)
        {
            Reply(request, request.Call.Kind == ModelKind.AtMostOnce ? "refused" : null);
            return;
        }

        var run = new ModelRun(this, request) { IsAcknowledged = request.Call.Kind == ModelKind.AtMostOnce };
        LongCallModel.CheckRun(run);
        _runs.Add(run);
        request.Call.Runs.Add(run);
        if (_table.TryAnnounce(run))
        {
            SendOpen(run);
        }
    }

    /// <summary>A handler ends.</summary>
    /// <param name="run">It.</param>
    /// <param name="losesChannel">Whether the channel is lost before the acknowledgement reaches the broker.</param>
    public void Finish(ModelRun run, bool losesChannel)
    {
        if (run.IsAdopted && !run.IsCancelled && _table.Complete(run, new LongReply(null, default, null)))
        {
            SendReply(run);
        }
        else if (!run.IsAdopted && !run.IsCancelled)
        {
            Reply(run.Request, "result");
        }

        run.End();
        if (losesChannel)
        {
            CloseServing();
        }

        run.IsAcknowledged = true;
    }

    public IEnumerable<ModelRun> Running => _runs.Where(static run => !run.IsOver);

    public void OnMessage(string queue, ModelMessage message)
    {
        long now = _model.Time.GetTimestamp();
        switch (message.Body)
        {
            case WaitingBody body:
                WaitingOutcome outcome = _table.OnWaiting(message.ReplyTo, body, call => NameFor(call.Name.ReplyTo), now);
                bool hasNews = outcome.Adopted.Count > 0 || outcome.Unknown.Count > 0 || outcome.HasMoved;
                LongCallName[] answered = outcome.Caller is { } caller ? _table.CallsOf(caller) : [];
                outcome.Caller?.ToldFrom = hasNews ? _link : outcome.Caller.ToldFrom;
                if (hasNews)
                {
                    SendRunning(message.ReplyTo, outcome.Caller?.OwnInstance ?? NameFor(body.Calls[0].Name.ReplyTo), body.Number, answered, outcome.Unknown);
                }

                outcome.Adopted.ForEach(static call => call.OnAdopted());
                outcome.Unwanted.ForEach(static call => call.OnUnwanted(""));
                outcome.Unsent.ForEach(SendReply);
                break;
            case ModelMoved moved when _link is not null && _table.OnMoved(moved.Instance, message.ReplyTo, now) is { } known:
                SendRunning(message.ReplyTo, known.OwnInstance, known.LastNumber, _table.CallsOf(known), []);
                break;
        }
    }

    public void OnReturned(string queue, ModelMessage message) => _table.OnReturned(new LongCallName(message.Id, queue))?.OnUnwanted("");

    public void Tick()
    {
        if (IsDead)
        {
            return;
        }

        _table.Tick(_model.Time.GetTimestamp(), isDeaf: _link is null).ForEach(static call => call.OnUnwanted(""));
        Report(static _ => true);
    }

    public void CloseLink()
    {
        if (_link is { } link)
        {
            _link = null;
            _model.Network.Close(link);
            _model.Network.Delete(link);
        }
    }

    public void OpenLink()
    {
        _link = _model.NewQueue($"link of {Name}", this);
        List<ServedLongCall> unsent = _table.OnReconnected(_model.Time.GetTimestamp());
        ServedLongCall[] announced = [.. _table.Announced];
        Report(caller => caller.ToldFrom != _link);
        unsent.ForEach(SendReply);
        Array.ForEach(announced, SendOpen);
    }

    public void Die()
    {
        CloseLink();
        CloseServing();
        IsDead = true;
    }

    private void SendOpen(ServedLongCall call)
    {
        if (_link is not null && call.AnnouncedFrom != _link)
        {
            call.AnnouncedFrom = _link;
            _model.Network.Publish(this, _link, call.Name.ReplyTo, new ModelMessage(call.WireId, _link, new OpenBody(new LongCallSender(NameFor(call.Name.ReplyTo), LongCallModel.Every), call.Run)));
        }
    }

    private void Report(Predicate<LongPeer> isTold)
    {
        foreach ((LongPeer caller, LongCallName[] calls) in _table.Report().Where(report => _link is not null && isTold(report.Caller)))
        {
            caller.ToldFrom = _link;
            SendRunning(caller.Queue, caller.OwnInstance, caller.LastNumber, calls, []);
        }
    }

    private void SendRunning(string queue, string instance, long number, LongCallName[] calls, List<CorrelationId> unknown) =>
        _model.Network.Publish(this, _link!, queue, new ModelMessage(default, _link!, new RunningBody(new LongCallSender(instance, LongCallModel.Every), number, [.. calls.Select(static call => call.Id)], [.. unknown])));

    private void SendReply(ServedLongCall call)
    {
        if (_link is not null && _table.BeginSending(call) is { } queue)
        {
            _model.Network.Publish(this, _link, queue, new ModelMessage(call.WireId, _link, call));
        }
    }

    private void Reply(ModelRequest request, string? outcome) => _model.Network.Publish(this, Serving, request.ReplyTo, new ModelMessage(request.Call.Id, "", new ModelReply(request, outcome)));

    private string NameFor(string replyTo) => $"{Name} for {replyTo}";
}
