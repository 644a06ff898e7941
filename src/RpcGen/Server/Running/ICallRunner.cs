namespace RpcGen.Server.Running;

/// <summary>Runs the calls that a <see cref="CallScheduler"/> starts.</summary>
internal interface ICallRunner
{
    /// <summary>Runs one call to its end, then reports it with <see cref="CallScheduler.End"/>. Never throws.</summary>
    Task RunAsync(ServerCall call);

    /// <summary>A worker found nothing more to start or send.</summary>
    void OnIdle();
}
