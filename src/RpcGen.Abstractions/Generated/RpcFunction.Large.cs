using System.ComponentModel;
using System.Text.Json;

namespace RpcGen.Generated;

/// <summary>A method of four parameters. Its requests are JSON objects with one member for each.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RpcFunction<TService, T1, T2, T3, T4, TResult>(RpcJson json, string name, RpcProperty<T1> first, RpcProperty<T2> second, RpcProperty<T3> third, RpcProperty<T4> fourth, RpcItems? items = null)
    : RpcMethod<TService, (T1, T2, T3, T4), TResult>(json, name, items)
    where TService : class
{
    /// <inheritdoc/>
    public sealed override IReadOnlyList<RpcProperty> Parameters => [first, second, third, fourth];

    /// <inheritdoc/>
    public sealed override void WriteArguments(Utf8JsonWriter writer, in (T1, T2, T3, T4) arguments)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        first.Write(writer, arguments.Item1);
        second.Write(writer, arguments.Item2);
        third.Write(writer, arguments.Item3);
        fourth.Write(writer, arguments.Item4);
        writer.WriteEndObject();
    }

    /// <inheritdoc/>
    public sealed override void OfferStreams(in (T1, T2, T3, T4) arguments, RpcStreamSources sources)
    {
        first.Offer(arguments.Item1, sources);
        second.Offer(arguments.Item2, sources);
        third.Offer(arguments.Item3, sources);
        fourth.Offer(arguments.Item4, sources);
    }

    /// <inheritdoc/>
    public sealed override (T1, T2, T3, T4) ReadArguments(ref RpcArgumentReader reader)
    {
        RpcArgument<T1> argument1 = default;
        RpcArgument<T2> argument2 = default;
        RpcArgument<T3> argument3 = default;
        RpcArgument<T4> argument4 = default;
        while (reader.NextParameter())
        {
            _ = reader.Read(first, ref argument1)
                || reader.Read(second, ref argument2)
                || reader.Read(third, ref argument3)
                || reader.Read(fourth, ref argument4)
                || reader.Skip();
        }

        return (
            argument1.Take(first, ref reader),
            argument2.Take(second, ref reader),
            argument3.Take(third, ref reader),
            argument4.Take(fourth, ref reader));
    }

    /// <inheritdoc/>
    public sealed override void Validate(in (T1, T2, T3, T4) arguments, RpcValidation validation) =>
        Validate(arguments.Item1, arguments.Item2, arguments.Item3, arguments.Item4, validation);

    /// <inheritdoc/>
    public sealed override ValueTask<TResult> InvokeAsync(TService service, (T1, T2, T3, T4) arguments, CancellationToken cancellationToken) =>
        InvokeAsync(service, arguments.Item1, arguments.Item2, arguments.Item3, arguments.Item4, cancellationToken);

    /// <summary>Adds every violation of the contract by the arguments. Overridden if the contract limits arguments.</summary>
    protected virtual void Validate(T1 first, T2 second, T3 third, T4 fourth, RpcValidation validation)
    {
    }

    /// <summary>Runs the method on the service.</summary>
    protected abstract ValueTask<TResult> InvokeAsync(TService service, T1 first, T2 second, T3 third, T4 fourth, CancellationToken cancellationToken);
}

/// <summary>A method of five parameters. Its requests are JSON objects with one member for each.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RpcFunction<TService, T1, T2, T3, T4, T5, TResult>(RpcJson json, string name, RpcProperty<T1> first, RpcProperty<T2> second, RpcProperty<T3> third, RpcProperty<T4> fourth, RpcProperty<T5> fifth, RpcItems? items = null)
    : RpcMethod<TService, (T1, T2, T3, T4, T5), TResult>(json, name, items)
    where TService : class
{
    /// <inheritdoc/>
    public sealed override IReadOnlyList<RpcProperty> Parameters => [first, second, third, fourth, fifth];

    /// <inheritdoc/>
    public sealed override void WriteArguments(Utf8JsonWriter writer, in (T1, T2, T3, T4, T5) arguments)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        first.Write(writer, arguments.Item1);
        second.Write(writer, arguments.Item2);
        third.Write(writer, arguments.Item3);
        fourth.Write(writer, arguments.Item4);
        fifth.Write(writer, arguments.Item5);
        writer.WriteEndObject();
    }

    /// <inheritdoc/>
    public sealed override void OfferStreams(in (T1, T2, T3, T4, T5) arguments, RpcStreamSources sources)
    {
        first.Offer(arguments.Item1, sources);
        second.Offer(arguments.Item2, sources);
        third.Offer(arguments.Item3, sources);
        fourth.Offer(arguments.Item4, sources);
        fifth.Offer(arguments.Item5, sources);
    }

    /// <inheritdoc/>
    public sealed override (T1, T2, T3, T4, T5) ReadArguments(ref RpcArgumentReader reader)
    {
        RpcArgument<T1> argument1 = default;
        RpcArgument<T2> argument2 = default;
        RpcArgument<T3> argument3 = default;
        RpcArgument<T4> argument4 = default;
        RpcArgument<T5> argument5 = default;
        while (reader.NextParameter())
        {
            _ = reader.Read(first, ref argument1)
                || reader.Read(second, ref argument2)
                || reader.Read(third, ref argument3)
                || reader.Read(fourth, ref argument4)
                || reader.Read(fifth, ref argument5)
                || reader.Skip();
        }

        return (
            argument1.Take(first, ref reader),
            argument2.Take(second, ref reader),
            argument3.Take(third, ref reader),
            argument4.Take(fourth, ref reader),
            argument5.Take(fifth, ref reader));
    }

    /// <inheritdoc/>
    public sealed override void Validate(in (T1, T2, T3, T4, T5) arguments, RpcValidation validation) =>
        Validate(arguments.Item1, arguments.Item2, arguments.Item3, arguments.Item4, arguments.Item5, validation);

    /// <inheritdoc/>
    public sealed override ValueTask<TResult> InvokeAsync(TService service, (T1, T2, T3, T4, T5) arguments, CancellationToken cancellationToken) =>
        InvokeAsync(service, arguments.Item1, arguments.Item2, arguments.Item3, arguments.Item4, arguments.Item5, cancellationToken);

    /// <summary>Adds every violation of the contract by the arguments. Overridden if the contract limits arguments.</summary>
    protected virtual void Validate(T1 first, T2 second, T3 third, T4 fourth, T5 fifth, RpcValidation validation)
    {
    }

    /// <summary>Runs the method on the service.</summary>
    protected abstract ValueTask<TResult> InvokeAsync(TService service, T1 first, T2 second, T3 third, T4 fourth, T5 fifth, CancellationToken cancellationToken);
}
