using System.Text.Json;
using RpcGen.Generated;
using RpcGen.Serialization;

namespace RpcGen.Fuzzing;

/// <summary>A method to whose caller faults are told.</summary>
internal sealed class FuzzedMethod() : RpcMethod<object, int, int>(RpcJsonFactory.Create([], new RpcContract("queue")), "Do")
{
    public override void WriteArguments(Utf8JsonWriter writer, in int arguments) => throw new NotSupportedException();

    public override int ReadArguments(ref RpcArgumentReader reader) => throw new NotSupportedException();

    public override ValueTask<int> InvokeAsync(object service, int arguments, CancellationToken cancellationToken) => throw new NotSupportedException();
}
