using System.ComponentModel;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Generated;

/// <summary>Describes a contract as a whole. Created by generated code. Immutable.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class RpcContract
{
    /// <summary>Describes a contract that is served on <paramref name="queue"/>.</summary>
    public RpcContract(string queue)
    {
        Queue = queue;
        Name = queue;
    }

    /// <summary>The format of the generated code, which the runtime checks before it uses it. Default: 0, which no generator writes.</summary>
    public int Format { get; init; }

    /// <summary>The contract's full name in C#, such as <c>Shop.IOrders</c>. Default: the queue.</summary>
    public string Name { get; init; }

    /// <summary>The version of the contract's assembly; null if it has none.</summary>
    public string? Version { get; init; }

    /// <summary>The request queue, which clients and servers can override.</summary>
    public string Queue { get; }

    /// <summary>The service's own exchange, which clients and servers can override; null for the default exchange.</summary>
    public string? Exchange { get; init; }

    /// <summary>The form of message bodies.</summary>
    public RpcBodyStyle BodyStyle { get; init; }

    /// <summary>Whether calls fail at once if the queue has no consumer.</summary>
    public bool FailFast { get; init; }

    /// <summary>Gets texts, rules and other facts for descriptions of the contract, as JSON. Null for a contract without methods.</summary>
    public Func<string>? Facts { get; init; }

    /// <summary>How its JSON differs from the default.</summary>
    public RpcJsonForms JsonForms { get; init; }

    /// <summary>The converters that <see cref="JsonForms"/> needs and the runtime cannot create by itself: those of enums.</summary>
    public IReadOnlyList<JsonConverter> JsonConverters { get; init; } = [];

    /// <summary>The JSON metadata of the contract's assembly: the <c>Default</c> instances of its <c>JsonSerializerContext</c> classes.</summary>
    public IReadOnlyList<IJsonTypeInfoResolver> JsonContexts { get; init; } = [];
}
