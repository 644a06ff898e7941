using RpcGen.Protocol;
using RpcGen.Streams.LongCalls;
using Xunit;

namespace RpcGen.Tests.Streams.LongCalls.Model;

/// <summary>The process that makes the calls, around the real <see cref="AwaitedTable"/>.</summary>
internal sealed class ModelCaller : IModelProcess
{
    private readonly LongCallModel _model;
    private readonly AwaitedTable _table;
    private string? _link;
    private string? _callback;
    private string? _toldFrom;
    private bool _isTelling;
    private long _news;
    private long _told;
    private long _number;

    public ModelCaller(LongCallModel model)
    {
        _model = model;
        _table = new AwaitedTable(model.Time, static server => $"caller of {server}");
    }

    public bool IsFrozen { get; set; }

    public bool IsDead { get; private set; }

    public bool HasLink => _link is not null;

    public bool HasCallback => _callback is not null;

    public bool IsEmpty => _table.IsEmpty;

    /// <summary>Publishes an attempt, if there is a callback queue.</summary>
    public void Send(ModelCall call)
    {
        if (call is { Outcome: null, ReplyTo: "" } && _callback is not null)
        {
            call.Attempt++;
            call.ReplyTo = _callback;
            _model.Requests.Add(new ModelRequest(call, call.Attempt, _callback, IsRedelivered: false));
        }
    }

    public void OnMessage(string queue, ModelMessage message)
    {
        ModelCall? call = _model.Calls.Find(call => call.Id == message.Id);
        switch (message.Body)
        {
            case OpenBody open:
                if (call!.Outcome is null && _table.Announce(new ModelAwaited(call, queue), message.ReplyTo, open, Now) is not null)
                {
                    _news++;
                    _isTelling = true;
                }

                break;
            case RunningBody body:
                List<(AwaitedCall Call, AwaitedEnd End)> ended = _table.OnRunning(message.ReplyTo, body, Now, out bool hasMoved);
                _news += hasMoved ? 1 : 0;
                _isTelling |= hasMoved;
                End(ended);
                break;
            case ModelRun run when queue == _link:
                Assert.True(run.IsAdopted);
                ((ModelAwaited?)_table.Find(message.Id))?.Call.End("result");
                break;
            case ModelReply { Outcome: { } outcome } when call!.Outcome is null && _table.Find(message.Id) is not { IsAdopted: true }:
                call.End(outcome);
                break;
            case ModelReply { Outcome: null } again when call!.Outcome is null && again.Request.Attempt == call.Attempt && !_table.TryHoldBack(message.Id):
                SendAgain(call);
                break;
        }
    }

    public void OnReturned(string queue, ModelMessage message)
    {
        if (_table.OnReturned(queue))
        {
            _news++;
            _isTelling = true;
        }
    }

    /// <summary>Tells the servers which calls are waited for, if that is due.</summary>
    public void Tell()
    {
        if (!_isTelling || _link is null || IsFrozen)
        {
            return;
        }

        _isTelling = false;
        if (_told == _news && _toldFrom == _link)
        {
            return;
        }

        (_told, _toldFrom) = (_news, _link);
        _number++;
        foreach (AwaitedReport report in _table.Report(_number))
        {
            var body = new WaitingBody(new LongCallSender(report.Server.OwnInstance, LongCallModel.Every), _number, report.Calls);
            if (report.SearchIn is null)
            {
                _model.Network.Publish(this, _link, report.Server.Queue, new ModelMessage(default, _link, body));
                continue;
            }

            _model.Servers.ForEach(server => _model.Network.Publish(this, _link, server.Inbox, new ModelMessage(default, _link, new ModelMoved(report.Server.OwnInstance))));
        }
    }

    public void Tick()
    {
        if (IsDead)
        {
            return;
        }

        End(_table.Tick(Now, isDeaf: _link is null));
        _news++;
        _isTelling = true;
    }

    /// <summary>The connection for streams is lost.</summary>
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
        _link = _model.NewQueue("link of the caller", this);
        _table.Tick(Now, isDeaf: true);
        _isTelling = true;
    }

    /// <summary>The connection for calls is lost, with the callback queue.</summary>
    public void CloseCallback()
    {
        if (_callback is not { } callback)
        {
            return;
        }

        _callback = null;
        _model.Network.Delete(callback);
        foreach (ModelCall call in _model.Calls.Where(call => call.Outcome is null && call.ReplyTo == callback && !_table.TryDetach(call.Id)))
        {
            if (call.Kind == ModelKind.Idempotent)
            {
                call.ReplyTo = "";
            }
            else
            {
                call.End("link lost");
            }
        }
    }

    public void OpenCallback() => _callback = _model.NewQueue("callback", this);

    public void Die()
    {
        IsDead = true;
        CloseLink();
        if (_callback is { } callback)
        {
            _callback = null;
            _model.Network.Delete(callback);
        }

        _model.Calls.FindAll(static call => call.Outcome is null).ForEach(static call => call.End("dead"));
    }

    private long Now => _model.Time.GetTimestamp();

    /// <summary>The same decisions as those of LongCallEvents.</summary>
    private void End(List<(AwaitedCall Call, AwaitedEnd End)> ended)
    {
        foreach ((AwaitedCall awaited, AwaitedEnd end) in ended)
        {
            ModelCall call = ((ModelAwaited)awaited).Call;
            Assert.Null(call.Outcome);
            _model.CheckEnd(call, awaited, end);
            if (call.Kind == ModelKind.Idempotent || end is AwaitedEnd.SentBack || (end is AwaitedEnd.Gone && call.Kind != ModelKind.AtMostOnce))
            {
                SendAgain(call);
            }
            else
            {
                call.End(end.ToString());
            }
        }
    }

    private void SendAgain(ModelCall call)
    {
        if (call.Kind == ModelKind.AtMostOnce)
        {
            call.End("sent back");
            return;
        }

        call.ReplyTo = "";
        Send(call);
    }
}
