namespace RpcGen.Generators.Model;

/// <summary>A stream that a method returns or takes, or the values of progress.</summary>
/// <param name="Item">The type of the items.</param>
/// <param name="Limits">The limits that differ from the defaults, by the names of the properties.</param>
internal sealed record StreamModel(string Item, EquatableArray<StreamLimit> Limits)
{
    /// <summary>The check of each item; null for a stream that a method returns, and for items without checks.</summary>
    public ValidatorModel? ItemCheck { get; init; }
}

/// <summary>A limit of <c>[RpcStream]</c>.</summary>
internal sealed record StreamLimit(string Name, int Value);
