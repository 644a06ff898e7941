using System.ComponentModel;
using System.Text.Json;

namespace RpcGen.Generated;

/// <summary>A method of one parameter. Its requests are JSON objects with one member for it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RpcFunction<TService, T1, TResult>(RpcJson json, string name, RpcProperty<T1> first, RpcItems? items = null)
    : RpcMethod<TService, ValueTuple<T1>, TResult>(json, name, items)
    where TService : class
{
    /// <inheritdoc/>
    public sealed override IReadOnlyList<RpcProperty> Parameters => [first];

    /// <inheritdoc/>
    public sealed override void WriteArguments(Utf8JsonWriter writer, in ValueTuple<T1> arguments)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        first.Write(writer, arguments.Item1);
        writer.WriteEndObject();
    }

    /// <inheritdoc/>
    public sealed override void OfferStreams(in ValueTuple<T1> arguments, RpcStreamSources sources)
    {
        first.Offer(arguments.Item1, sources);
    }

    /// <inheritdoc/>
    public sealed override ValueTuple<T1> ReadArguments(ref RpcArgumentReader reader)
    {
        RpcArgument<T1> argument1 = default;
        while (reader.NextParameter())
        {
            _ = reader.Read(first, ref argument1)
                || reader.Skip();
        }

        return new(argument1.Take(first, ref reader));
    }

    /// <inheritdoc/>
    public sealed override void Validate(in ValueTuple<T1> arguments, RpcValidation validation) =>
        Validate(arguments.Item1, validation);

    /// <inheritdoc/>
    public sealed override ValueTask<TResult> InvokeAsync(TService service, ValueTuple<T1> arguments, CancellationToken cancellationToken) =>
        InvokeAsync(service, arguments.Item1, cancellationToken);

    /// <summary>Adds every violation of the contract by the arguments. Overridden if the contract limits arguments.</summary>
    protected virtual void Validate(T1 first, RpcValidation validation)
    {
    }

    /// <summary>Runs the method on the service.</summary>
    protected abstract ValueTask<TResult> InvokeAsync(TService service, T1 first, CancellationToken cancellationToken);
}

/// <summary>A method of two parameters. Its requests are JSON objects with one member for each.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RpcFunction<TService, T1, T2, TResult>(RpcJson json, string name, RpcProperty<T1> first, RpcProperty<T2> second, RpcItems? items = null)
    : RpcMethod<TService, (T1, T2), TResult>(json, name, items)
    where TService : class
{
    /// <inheritdoc/>
    public sealed override IReadOnlyList<RpcProperty> Parameters => [first, second];

    /// <inheritdoc/>
    public sealed override void WriteArguments(Utf8JsonWriter writer, in (T1, T2) arguments)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        first.Write(writer, arguments.Item1);
        second.Write(writer, arguments.Item2);
        writer.WriteEndObject();
    }

    /// <inheritdoc/>
    public sealed override void OfferStreams(in (T1, T2) arguments, RpcStreamSources sources)
    {
        first.Offer(arguments.Item1, sources);
        second.Offer(arguments.Item2, sources);
    }

    /// <inheritdoc/>
    public sealed override (T1, T2) ReadArguments(ref RpcArgumentReader reader)
    {
        RpcArgument<T1> argument1 = default;
        RpcArgument<T2> argument2 = default;
        while (reader.NextParameter())
        {
            _ = reader.Read(first, ref argument1)
                || reader.Read(second, ref argument2)
                || reader.Skip();
        }

        return (argument1.Take(first, ref reader), argument2.Take(second, ref reader));
    }

    /// <inheritdoc/>
    public sealed override void Validate(in (T1, T2) arguments, RpcValidation validation) =>
        Validate(arguments.Item1, arguments.Item2, validation);

    /// <inheritdoc/>
    public sealed override ValueTask<TResult> InvokeAsync(TService service, (T1, T2) arguments, CancellationToken cancellationToken) =>
        InvokeAsync(service, arguments.Item1, arguments.Item2, cancellationToken);

    /// <summary>Adds every violation of the contract by the arguments. Overridden if the contract limits arguments.</summary>
    protected virtual void Validate(T1 first, T2 second, RpcValidation validation)
    {
    }

    /// <summary>Runs the method on the service.</summary>
    protected abstract ValueTask<TResult> InvokeAsync(TService service, T1 first, T2 second, CancellationToken cancellationToken);
}

/// <summary>A method of three parameters. Its requests are JSON objects with one member for each.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RpcFunction<TService, T1, T2, T3, TResult>(RpcJson json, string name, RpcProperty<T1> first, RpcProperty<T2> second, RpcProperty<T3> third, RpcItems? items = null)
    : RpcMethod<TService, (T1, T2, T3), TResult>(json, name, items)
    where TService : class
{
    /// <inheritdoc/>
    public sealed override IReadOnlyList<RpcProperty> Parameters => [first, second, third];

    /// <inheritdoc/>
    public sealed override void WriteArguments(Utf8JsonWriter writer, in (T1, T2, T3) arguments)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        first.Write(writer, arguments.Item1);
        second.Write(writer, arguments.Item2);
        third.Write(writer, arguments.Item3);
        writer.WriteEndObject();
    }

    /// <inheritdoc/>
    public sealed override void OfferStreams(in (T1, T2, T3) arguments, RpcStreamSources sources)
    {
        first.Offer(arguments.Item1, sources);
        second.Offer(arguments.Item2, sources);
        third.Offer(arguments.Item3, sources);
    }

    /// <inheritdoc/>
    public sealed override (T1, T2, T3) ReadArguments(ref RpcArgumentReader reader)
    {
        RpcArgument<T1> argument1 = default;
        RpcArgument<T2> argument2 = default;
        RpcArgument<T3> argument3 = default;
        while (reader.NextParameter())
        {
            _ = reader.Read(first, ref argument1)
                || reader.Read(second, ref argument2)
                || reader.Read(third, ref argument3)
                || reader.Skip();
        }

        return (argument1.Take(first, ref reader), argument2.Take(second, ref reader), argument3.Take(third, ref reader));
    }

    /// <inheritdoc/>
    public sealed override void Validate(in (T1, T2, T3) arguments, RpcValidation validation) =>
        Validate(arguments.Item1, arguments.Item2, arguments.Item3, validation);

    /// <inheritdoc/>
    public sealed override ValueTask<TResult> InvokeAsync(TService service, (T1, T2, T3) arguments, CancellationToken cancellationToken) =>
        InvokeAsync(service, arguments.Item1, arguments.Item2, arguments.Item3, cancellationToken);

    /// <summary>Adds every violation of the contract by the arguments. Overridden if the contract limits arguments.</summary>
    protected virtual void Validate(T1 first, T2 second, T3 third, RpcValidation validation)
    {
    }

    /// <summary>Runs the method on the service.</summary>
    protected abstract ValueTask<TResult> InvokeAsync(TService service, T1 first, T2 second, T3 third, CancellationToken cancellationToken);
}
