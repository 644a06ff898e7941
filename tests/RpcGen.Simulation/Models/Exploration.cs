using RpcGen.Simulation.Preempting;
using RpcGen.Simulation.Scheduling;

namespace RpcGen.Simulation.Models;

/// <summary>
/// Runs a model in every order of its threads that has no more than a number of preemptions (CHESS; Musuvathi and Qadeer, 2007).
/// A thread can be preempted at each point where it synchronizes; switches at its end, or at a lock that is taken, are free.
/// </summary>
internal sealed class Exploration(PoolQueue pool, Fibers fibers, Watch watch)
{
    private readonly List<Choice> _choices = [];
    private readonly List<object> _ready = [];

    /// <summary>Runs all orders, or as many as <paramref name="most"/>.</summary>
    /// <returns>How many ran, whether these are all, and what was wrong in the last one; null for nothing.</returns>
    public (int Executions, bool IsComplete, string? Violation) Run(Func<Model> create, int preemptions, int most)
    {
        _choices.Clear();
        for (int count = 1; ; count++)
        {
            watch.Step();
            if (Execute(create, preemptions) is { } violation)
            {
                return (count, false, $"{violation} (order {string.Join("", _choices.Select(static choice => choice.Taken))})");
            }

            if (!MoveToNext())
            {
                return (count, true, null);
            }

            if (count == most)
            {
                return (count, false, null);
            }
        }
    }

    /// <summary>Changes the last choice that has another option, and forgets those after it.</summary>
    private bool MoveToNext()
    {
        while (_choices.Count > 0)
        {
            Choice last = _choices[^1];
            if (last.Taken + 1 < last.Options)
            {
                _choices[^1] = last with { Taken = last.Taken + 1 };
                return true;
            }

            _choices.RemoveAt(_choices.Count - 1);
        }

        return false;
    }

    private string? Execute(Func<Model> create, int preemptions)
    {
        _ready.Clear();
        while (pool.Take() is not null)
        {
            // Left by an execution that failed.
        }

        fibers.Begin(new EachPoint());
        try
        {
            Model model = create();
            _ready.AddRange(model.Threads.Select(static thread => new ModelThread(thread)));
            Step(model, preemptions);
            model.Check();
            return null;
        }
#pragma warning disable CA1031 // Anything that is thrown is what the exploration looks for.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e is SimulationException ? e.Message : e.ToString();
        }
    }

    private void Step(Model model, int preemptions)
    {
        object? current = null;
        int step = 0;
        while (true)
        {
            bool canGoOn = Collect(model, current);
            if (_ready.Count == 0)
            {
                if (fibers.Blocked > 0)
                {
                    throw new SimulationException("Threads wait for locks, and no other thread runs: a deadlock.");
                }

                if (!model.Time.TryMoveOn())
                {
                    return;
                }

                continue;
            }

            int options = canGoOn && preemptions == 0 ? 1 : _ready.Count;
            int taken = Choose(step, options);
            if (options > 1)
            {
                step++;
            }

            preemptions -= canGoOn && taken > 0 ? 1 : 0;
            object item = _ready[taken];
            _ready.RemoveAt(taken);
            current = fibers.Run(item, rank: 0);
        }
    }

    /// <summary>Collects what can run. The thread that ran last comes first, if it can go on.</summary>
    private bool Collect(Model model, object? current)
    {
        bool canGoOn = false;
        while (fibers.TakeReady() is { } fiber)
        {
            bool isCurrent = ReferenceEquals(fiber, current);
            canGoOn |= isCurrent;
            _ready.Insert(isCurrent ? 0 : _ready.Count, fiber);
        }

        while (pool.Take() is { } item)
        {
            _ready.Add(item);
        }

        while (model.Time.TakeDue() is { } timer)
        {
            _ready.Add(timer);
        }

        return canGoOn;
    }

    private int Choose(int step, int options)
    {
        if (options == 1)
        {
            return 0;
        }

        if (step < _choices.Count)
        {
            return _choices[step].Options == options
                ? _choices[step].Taken
                : throw new SimulationException("The same choices led elsewhere: the model depends on something that the exploration does not decide.");
        }

        _choices.Add(new Choice(0, options));
        return 0;
    }

    private readonly record struct Choice(int Taken, int Options);

    private sealed class ModelThread(Action run) : IThreadPoolWorkItem
    {
        public void Execute() => run();
    }
}
