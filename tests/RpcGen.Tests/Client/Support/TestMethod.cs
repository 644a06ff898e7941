using System.Text.Json;
using RpcGen.Generated;
using RpcGen.Serialization;

namespace RpcGen.Tests.Client.Support;

/// <summary>A method of one number, whose promises a test sets.</summary>
internal sealed class TestMethod<TResult>(string name = "Do") : RpcMethod<object, int, TResult>(RpcJsonFactory.Create([], new RpcContract("q")), name)
{
    public bool Idempotent { get; init; }

    public bool AtMostOnce { get; init; }

    public bool Durable { get; init; }

    public bool Batch { get; init; }

    public bool OneWay { get; init; }

    public bool Confirmed { get; init; } = true;

    public bool Broadcast { get; init; }

    public byte OwnPriority { get; init; }

    /// <summary>What writing the arguments does instead.</summary>
    public Action<Utf8JsonWriter>? Writes { get; init; }

    public string? Violation { get; init; }

    public override bool IsIdempotent => Idempotent;

    public override bool IsAtMostOnce => AtMostOnce;

    public override bool IsDurable => Durable;

    public override bool CanBatch => Batch;

    public override bool IsOneWay => OneWay;

    public override bool IsConfirmed => Confirmed;

    public override bool IsBroadcast => Broadcast;

    public override byte Priority => OwnPriority;

    public override void Validate(in int arguments, RpcValidation validation)
    {
        if (Violation is not null)
        {
            validation.Add("n", Violation);
        }
    }

    public override void WriteArguments(Utf8JsonWriter writer, in int arguments)
    {
        if (Writes is not null)
        {
            Writes(writer);
            return;
        }

        writer.WriteStartObject();
        writer.WriteNumber("n", arguments);
        writer.WriteEndObject();
    }

    public override ValueTask<TResult> InvokeAsync(object service, int arguments, CancellationToken cancellationToken) => throw new NotSupportedException();
}
