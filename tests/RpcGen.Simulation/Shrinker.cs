using RpcGen.Simulation.Stage;

namespace RpcGen.Simulation;

/// <summary>Makes a schedule that fails smaller: leaves out faults and callers for as long as something is still wrong.</summary>
internal sealed class Shrinker(ScheduleRunner runner)
{
    /// <summary>A request for the same seed that leaves out all that it can.</summary>
    public Request Shrink(Request request, Plan plan)
    {
        for (int fault = 0; fault < plan.Faults.Count; fault++)
        {
            request = Try(request, request with { WithoutFaults = new HashSet<int>(request.WithoutFaults) { fault } });
        }

        for (int caller = 0; caller < plan.Callers.Count; caller++)
        {
            request = Try(request, request with { WithoutCallers = new HashSet<int>(request.WithoutCallers) { caller } });
        }

        for (int streamer = 0; streamer < plan.Streamers.Count; streamer++)
        {
            request = Try(request, request with { WithoutStreamers = new HashSet<int>(request.WithoutStreamers) { streamer } });
        }

        return request;
    }

    /// <summary>The command that replays a request.</summary>
    public static string Replay(Request request) =>
        $"dotnet run -c Release --project tests/RpcGen.Simulation -- --seed {request.Seed}" +
        (request.IsPreempting ? " --preempting" : "") +
        Option("--bug", request.Bug) +
        Option("--without-faults", string.Join(',', request.WithoutFaults.Order())) +
        Option("--without-callers", string.Join(',', request.WithoutCallers.Order())) +
        Option("--without-streamers", string.Join(',', request.WithoutStreamers.Order()));

    private static string Option(string name, string? value) => string.IsNullOrEmpty(value) ? "" : $" {name} {value}";

    private Request Try(Request request, Request smaller) => runner.Run(smaller).Violations.Count > 0 ? smaller : request;
}
