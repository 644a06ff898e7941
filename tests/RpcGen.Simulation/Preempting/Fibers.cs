using System.Runtime.ExceptionServices;

namespace RpcGen.Simulation.Preempting;

/// <summary>The fibers of a process, as the scheduler sees them: it starts or resumes one, and gets the baton back.</summary>
/// <remarks>
/// <code>
/// from       to         when
/// Idle       Running    an item is given to it
/// Running    Ready      it is preempted at a point
/// Running    Blocked    a lock is taken by another fiber
/// Blocked    Ready      any lock became free: it tries again
/// Ready      Running    the scheduler picks it
/// Running    Idle       its item ended
/// </code>
/// A schedule that fails leaves its suspended fibers behind for good: their locks and objects are unreachable for the next one.
/// </remarks>
internal sealed class Fibers
{
    private readonly SemaphoreSlim _baton = new(0);
    private readonly Stack<Fiber> _idle = [];
    private readonly List<Fiber> _blocked = [];
    private readonly Queue<Fiber> _ready = [];
    private IPreemptionPolicy _policy = new EachPoint();

    /// <summary>Whether the fiber with the highest rank runs.</summary>
    public bool GoesByRank => _policy.GoesByRank;

    /// <summary>How many fibers wait for locks.</summary>
    public int Blocked => _blocked.Count;

    /// <summary>Points that fibers came to.</summary>
    public long Points { get; private set; }

    /// <summary>How often one was preempted.</summary>
    public int Preemptions { get; private set; }

    /// <summary>Another schedule begins.</summary>
    public void Begin(IPreemptionPolicy policy)
    {
        _policy = policy;
        _ready.Clear();
        _blocked.Clear();
        Points = 0;
        Preemptions = 0;
    }

    /// <summary>Runs an item, or goes on with a fiber, until it ends, is preempted or has to wait for a lock.</summary>
    /// <returns>The fiber that ran.</returns>
    public Fiber Run(object item, uint rank)
    {
        if (item is not Fiber fiber)
        {
            fiber = _idle.TryPop(out Fiber? idle) ? idle : new Fiber(this);
            fiber.Begin(item, rank);
        }

        fiber.Resume();
        _baton.Wait();
        if (fiber.Failure is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        return fiber;
    }

    /// <summary>Takes a fiber that can go on; null for none.</summary>
    public Fiber? TakeReady() => _ready.TryDequeue(out Fiber? fiber) ? fiber : null;

    /// <summary>Whether a fiber is preempted at the point it has come to.</summary>
    public bool Preempts(Fiber fiber)
    {
        Points++;
        if (!_policy.IsDue(out uint? rank))
        {
            return false;
        }

        fiber.Rank = rank ?? fiber.Rank;
        Preemptions++;
        return true;
    }

    public void OnReady(Fiber fiber) => _ready.Enqueue(fiber);

    public void OnBlocked(Fiber fiber) => _blocked.Add(fiber);

    public void OnUnlocked()
    {
        _blocked.ForEach(_ready.Enqueue);
        _blocked.Clear();
    }

    public void OnEnded(Fiber fiber) => _idle.Push(fiber);

    /// <summary>Gives the baton to the scheduler.</summary>
    public void TakeBaton() => _baton.Release();
}
