using Microsoft.Extensions.Options;

namespace RpcGen.Samples;

/// <summary>Code that all samples with a host share.</summary>
internal static class HostStart
{
    /// <summary>Runs a host until it is stopped. Invalid settings, such as a broker's address, are one line each and exit code 1 instead of a stack trace.</summary>
    public static async Task<int> RunOrExplainAsync(this IHost host)
    {
        try
        {
            host.Services.GetService<IStartupValidator>()?.Validate(); // RunAsync checks them too, and logs what it finds as an exception
        }
        catch (Exception e) when (e is OptionsValidationException or AggregateException)
        {
            IEnumerable<Exception> problems = e is AggregateException all ? all.InnerExceptions : [e];
            foreach (string problem in problems.Select(problem => problem.Message))
            {
                await Console.Error.WriteLineAsync(problem.ReplaceLineEndings(" "));
            }

            return 1;
        }

        await host.RunAsync();
        return 0;
    }
}
