namespace RpcGen.Tests.Streams.LongCalls.Model;

/// <summary>What goes wrong.</summary>
[Flags]
internal enum ModelTrouble
{
    None = 0,

    /// <summary>Messages come a second time.</summary>
    Duplicates = 1,

    /// <summary>Connections are lost, and are back before anybody is taken for lost.</summary>
    Links = 2,

    /// <summary>Connections are lost for longer.</summary>
    Outages = 4,

    /// <summary>Servers end, and others start.</summary>
    Deaths = 8,

    /// <summary>Processes stand still.</summary>
    Freezes = 16,

    /// <summary>The caller cancels calls.</summary>
    Cancels = 32,

    /// <summary>The caller ends.</summary>
    CallerDeath = 64,
}

/// <content>Makes things go wrong.</content>
internal sealed partial class LongCallModel
{
    private void Disturb()
    {
        if (_now < _quietUntil)
        {
            return;
        }

        ModelServer server = Servers[_random.Next(Servers.Count)];
        ModelTrouble[] troubles = [.. Enum.GetValues<ModelTrouble>().Where(trouble => trouble is not (ModelTrouble.None or ModelTrouble.Duplicates) && _trouble.HasFlag(trouble))];
        switch (troubles.Length == 0 ? ModelTrouble.None : troubles[_random.Next(troubles.Length)])
        {
            case ModelTrouble.Links:
                LoseLinks(server, longest: 2_000);
                _quietUntil = _now + TimeSpan.FromSeconds(_random.Next(5, 15));
                break;
            case ModelTrouble.Outages:
                LoseLinks(server, longest: 40_000);
                break;
            case ModelTrouble.Deaths:
                server.Die();
                Servers.Remove(server);
                AddServer();
                _quietUntil = _now + TimeSpan.FromSeconds(_random.Next(10));
                break;
            case ModelTrouble.Freezes:
                Freeze(server);
                break;
            case ModelTrouble.Cancels when Calls.Find(static call => call.Outcome is null) is { } call:
                call.End("cancelled");
                break;
            case ModelTrouble.CallerDeath when Calls.Count > 0 && _random.Next(20) == 0:
                _caller.Die();
                break;
        }
    }

    private void LoseLinks(ModelServer server, int longest)
    {
        int lost = _random.Next(1, 16);
        if ((lost & 1) != 0 && server.HasLink)
        {
            server.CloseLink();
            After(Some(longest), () => Reopen(server.IsDead || server.HasLink, server.OpenLink));
        }

        if ((lost & 2) != 0 && _caller.HasLink)
        {
            _caller.CloseLink();
            After(Some(longest), () => Reopen(_caller.IsDead || _caller.HasLink, _caller.OpenLink));
        }

        if ((lost & 4) != 0 && server.IsServing)
        {
            server.CloseServing();
            ReopenServing(server);
        }

        if ((lost & 8) != 0 && _caller.HasCallback)
        {
            _caller.CloseCallback();
            After(Some(longest), () => Reopen(_caller.IsDead || _caller.HasCallback, _caller.OpenCallback));
        }
    }

    private void ReopenServing(ModelServer server) => After(Some(2_000), () => Reopen(server.IsDead || server.IsServing, server.OpenServing));

    private static void Reopen(bool isNeedless, Action open)
    {
        if (!isNeedless)
        {
            open();
        }
    }

    private void Freeze(ModelServer server)
    {
        if (_random.Next(2) == 0 && !server.IsFrozen)
        {
            server.IsFrozen = true;
            After(Some(30_000), () => server.IsFrozen = false);
        }
        else if (!_caller.IsFrozen)
        {
            _caller.IsFrozen = true;
            After(Some(30_000), () => _caller.IsFrozen = false);
        }
    }

    private TimeSpan Some(int longest) => TimeSpan.FromMilliseconds(_random.Next(1, longest));
}
