using Microsoft.Extensions.DependencyInjection;

namespace RpcGen.Resilience;

/// <summary>Marks in the service collection that a pipeline has been added.</summary>
internal sealed record PipelineRegistration(string Name)
{
    /// <summary>Marks a pipeline; false if it was marked before.</summary>
    public static bool TryAdd(IServiceCollection services, string name)
    {
        var registration = new PipelineRegistration(name);
        if (services.Any(service => !service.IsKeyedService && registration.Equals(service.ImplementationInstance)))
        {
            return false;
        }

        services.AddSingleton(registration);
        return true;
    }
}
