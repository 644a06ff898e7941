// Deterministic simulation: several clients, servers and the in-memory broker in this process, under virtual time, in an
// order that a seed decides.
//
//   dotnet run -c Release --project tests/RpcGen.Simulation                       all: 20,000 schedules, replays, models, planted bugs
//   dotnet run -c Release --project tests/RpcGen.Simulation -- --schedules 100000  that many schedules (or --seconds 60)
//   dotnet run -c Release --project tests/RpcGen.Simulation -- --checks           replays, models and planted bugs alone
//   dotnet run -c Release --project tests/RpcGen.Simulation -- --first 5000       other seeds
//   dotnet run -c Release --project tests/RpcGen.Simulation -- --seed 1755        one schedule, with its history
//   dotnet run -c Release --project tests/RpcGen.Simulation -- --preempting ...   the same with threads that are preempted within steps
//   dotnet run -c Release --project tests/RpcGen.Simulation -- --model all        every order of threads on single components
//
// How it works: the runtime's thread pool is limited to one worker, which the simulation occupies for good. It takes the
// queued work items out of the pool itself (Scheduling/PoolQueue), runs them one at a time in the seed's order
// (Scheduling/Scheduler), and moves a virtual clock when none is ready (Scheduling/VirtualTime). The product is not changed
// for it. Wires between processes and broker (Wire) delay and lose what a network delays and loses. A plan made from the seed
// (Stage/Planner) says who calls what and what goes wrong; afterwards the history is checked (Checks), and nothing may be
// left: no call, no message, no channel, no timer. Planted bugs (Bugs) show that the checks find something.
//
// A work item runs whole, so this mode sees no races between two threads inside of one step. For these, a copy of the program
// runs a rewritten RpcGen.dll (Preempting/Weaver): each item gets a thread of its own (Preempting/Fiber), one runs at a time, and
// it can be preempted where it synchronizes. Models (Models) are small programs on one component, explored order by order.

using RpcGen.Simulation;

if (!Options.TryParse(args, out Options? options, out string? mistake))
{
    Console.Error.WriteLine(mistake);
    return 2;
}

return PoolWorker.Run(watch => new Commands(options, watch).Run());
