namespace RpcGen.Generators.Model;

/// <summary>What a contract's description says beyond the JSON types. A model of its own: an edited comment must not emit the contract again.</summary>
/// <param name="Contract">The declaration that the facts belong to.</param>
/// <param name="Text">The facts as JSON.</param>
internal sealed record FactsModel(ContractModel Contract, string Text);

/// <summary>A contract, and the facts for its description; null for a broken contract.</summary>
internal sealed record ParsedContract(ContractModel Contract, FactsModel? Facts);
