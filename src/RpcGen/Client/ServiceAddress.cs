namespace RpcGen.Client;

/// <summary>Where a client's calls go and how.</summary>
/// <param name="Queue">The request queue.</param>
/// <param name="BodyStyle">What bodies look like.</param>
internal sealed record ServiceAddress(string Queue, RpcBodyStyle BodyStyle);
