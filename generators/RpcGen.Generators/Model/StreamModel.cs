namespace RpcGen.Generators.Model;

/// <summary>The stream that a method returns.</summary>
/// <param name="Item">The type of the items.</param>
/// <param name="Limits">The limits that differ from the defaults, by the names of the properties.</param>
internal sealed record StreamModel(string Item, EquatableArray<StreamLimit> Limits);

/// <summary>A limit of <c>[RpcStream]</c>.</summary>
internal sealed record StreamLimit(string Name, int Value);
