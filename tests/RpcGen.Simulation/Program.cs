using System.Diagnostics;
using RpcGen.Simulation;
using RpcGen.Simulation.Scheduling;

ThreadPool.GetMaxThreads(out int workers, out _);
if (workers != 1) { Console.Error.WriteLine("one worker, please"); return 2; }
ulong first = args.Length > 1 ? ulong.Parse(args[1]) : 1;
int count = args.Length > 2 ? int.Parse(args[2]) : 1;
bool verbose = args.Length > 3;
var done = new ManualResetEventSlim();
int code = 0;
ThreadPool.UnsafeQueueUserWorkItem(_ =>
{
    try
    {
        var sim = new ScheduleRunner(new PoolQueue());
        var watch = Stopwatch.StartNew();
        long steps = 0; long calls = 0;
        for (ulong seed = first; seed < first + (ulong)count; seed++)
        {
            Outcome o = sim.Run(new Request(seed, KeepsLines: verbose));
            steps += o.Steps; calls += o.Calls;
            if (verbose) { foreach (var f in o.Plan.Faults) Console.WriteLine(f); foreach (var l in o.History.Lines) Console.WriteLine(l); Console.WriteLine($"{o.History.Hash:x16}"); }
            foreach (string v in o.Violations) { Console.WriteLine($"seed {seed}: {v}"); code = 1; }
        }
        Console.WriteLine($"{count} schedules, {steps} steps, {calls} calls, {count / watch.Elapsed.TotalSeconds:0}/s");
    }
    catch (Exception e) { Console.WriteLine(e); code = 3; }
    done.Set();
}, null);
done.Wait();
return code;
