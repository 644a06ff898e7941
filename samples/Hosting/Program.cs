using RpcGen;
using RpcGen.Samples;
using RpcGen.Samples.Fibonacci;

// A web application that calls a service. To keep the sample in one process, it also serves it.
WebApplicationBuilder builder = WebApplication.CreateBuilder(args);

#region add
builder.Services.AddRpcGen("rabbitmq")                     // the broker: ConnectionStrings:rabbitmq
    .AddClient<IFibonacciService>()                        // makes the contract injectable
    .AddService<IFibonacciService, FibonacciService>();    // serves it, with a scope for each call

builder.Services.AddHealthChecks().AddRpcGen();
#endregion

WebApplication app = builder.Build();

#region use
app.MapGet("/fibonacci/{n}", async (int n, IFibonacciService fibonacci, CancellationToken cancellationToken) =>
{
    try
    {
        return Results.Ok(await fibonacci.FibonacciAsync(n, cancellationToken));
    }
    catch (RpcValidationException e)
    {
        return Results.ValidationProblem(e.Errors.ToDictionary());
    }
});
app.MapHealthChecks("/health");
#endregion

return await app.RunOrExplainAsync();
