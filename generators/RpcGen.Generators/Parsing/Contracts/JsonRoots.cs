using Microsoft.CodeAnalysis;
using RpcGen.Generators.Parsing.Faults;
using RpcGen.Generators.Parsing.Methods;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Contracts;

/// <summary>A type at the root of JSON that a contract transmits.</summary>
/// <param name="Type">The type.</param>
/// <param name="Where">The symbol that names it: a parameter, a method or an interface.</param>
internal sealed record JsonRoot(ITypeSymbol Type, ISymbol Where);

/// <summary>The types at the roots of a contract's JSON: parameters, results, and properties of faults.</summary>
internal static class JsonRoots
{
    public static IEnumerable<JsonRoot> Of(INamedTypeSymbol contract, Compilation compilation)
    {
        List<RemoteMethod> methods = RemoteMethods.Of(contract);
        foreach (IMethodSymbol method in methods.Select(remote => remote.Symbol))
        {
            foreach (IParameterSymbol parameter in method.Parameters.Where(p => !KnownTypes.IsToken(p.Type) && !StreamType.IsRefused(p) && !ProgressType.IsRefused(p) && !ByteStreamType.Is(p)))
            {
                yield return new JsonRoot(StreamType.ItemApart(parameter) ?? parameter.Type, parameter);
            }

            if (StreamType.Item(method) is { } item)
            {
                yield return new JsonRoot(item, method);
            }
            else if (TaskType.IsTask(method) && TaskType.Result(method) is { } result && !StreamType.IsAnyForm(result))
            {
                yield return new JsonRoot(result, method);
            }
        }

        IEnumerable<ISymbol> declaring = methods
            .SelectMany(remote => new ISymbol[] { remote.Symbol.ContainingType, remote.Symbol })
            .Prepend(contract)
            .Distinct<ISymbol>(SymbolEqualityComparer.Default);
        foreach (ISymbol symbol in declaring)
        {
            foreach (DeclaredFault fault in DeclaredFaults.On(symbol))
            {
                if (fault.Type is not INamedTypeSymbol { TypeKind: TypeKind.Class } type)
                {
                    continue;
                }

                foreach (IPropertySymbol property in new ExceptionShape(type, compilation, contract).Transmitted)
                {
                    yield return new JsonRoot(property.Type, symbol);
                }
            }
        }
    }
}
