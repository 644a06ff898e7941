using Microsoft.CodeAnalysis;
using RpcGen.Generators.Parsing.Faults;
using RpcGen.Generators.Parsing.Methods;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Contracts;

/// <summary>Adds the warnings to suppress for what generated code uses of a contract, except what validation uses.</summary>
internal static class ContractSuppressions
{
    public static void AddContract(this WarningSuppressions suppressions, INamedTypeSymbol contract, List<RemoteMethod> methods)
    {
        suppressions.Add(contract);
        foreach (INamedTypeSymbol inherited in contract.AllInterfaces)
        {
            suppressions.AddType(inherited);
            suppressions.AddFaults(inherited);
        }

        suppressions.AddFaults(contract);
        foreach (IMethodSymbol method in methods.Select(remote => remote.Symbol))
        {
            suppressions.Add(method);
            suppressions.AddType(method.ReturnType);
            suppressions.AddFaults(method);
            foreach (IParameterSymbol parameter in method.Parameters)
            {
                suppressions.AddType(parameter.Type);
            }
        }
    }

    private static void AddFaults(this WarningSuppressions suppressions, ISymbol symbol)
    {
        foreach (DeclaredFault fault in DeclaredFaults.On(symbol))
        {
            suppressions.AddType(fault.Type);
            for (ITypeSymbol? at = fault.Type; at is not null; at = at.BaseType)
            {
                foreach (IPropertySymbol property in at.GetMembers().OfType<IPropertySymbol>())
                {
                    suppressions.Add(property);
                }
            }
        }
    }
}
