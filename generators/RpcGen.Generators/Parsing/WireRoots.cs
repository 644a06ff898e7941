using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing;

/// <summary>A type that a contract hands to JSON as it is, and where it says so.</summary>
internal sealed record WireRoot(ITypeSymbol Type, ISymbol Where);

/// <summary>The types at the roots of a contract's JSON: parameters, results, members of faults.</summary>
internal static class WireRoots
{
    public static IEnumerable<WireRoot> Of(INamedTypeSymbol contract, Compilation compilation)
    {
        List<RemoteMethod> methods = RemoteMethods.Of(contract);
        foreach (IMethodSymbol method in methods.Select(remote => remote.Symbol))
        {
            foreach (IParameterSymbol parameter in method.Parameters.Where(p => !KnownTypes.IsToken(p.Type)))
            {
                yield return new WireRoot(parameter.Type, parameter);
            }

            if (TaskType.IsTask(method) && TaskType.Result(method) is { } result)
            {
                yield return new WireRoot(result, method);
            }
        }

        IEnumerable<ISymbol> declaring = methods
            .SelectMany(remote => new ISymbol[] { remote.Symbol.ContainingType, remote.Symbol })
            .Prepend(contract)
            .Distinct<ISymbol>(SymbolEqualityComparer.Default);
        foreach (ISymbol symbol in declaring)
        {
            foreach (DeclaredFault fault in FaultParser.DeclaredOn(symbol))
            {
                if (fault.Type is not INamedTypeSymbol { TypeKind: TypeKind.Class } type)
                {
                    continue;
                }

                foreach (IPropertySymbol member in new ExceptionShape(type, compilation, contract).Travelling)
                {
                    yield return new WireRoot(member.Type, symbol);
                }
            }
        }
    }
}
