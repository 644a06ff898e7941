using Microsoft.CodeAnalysis;
using RpcGen.Generators.Diagnostics;
using RpcGen.Generators.Parsing.Naming;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Faults;

/// <summary>Rules for declared faults.</summary>
internal static class FaultRules
{
    /// <summary>Checks the faults that one method, or the contract, declares.</summary>
    public static void CheckDeclaredOn(ISymbol symbol, DiagnosticSink sink)
    {
        var earlier = new List<DeclaredFault>();
        foreach (DeclaredFault fault in DeclaredFaults.On(symbol))
        {
            if (!NamingRules.IsValidFaultCode(fault.Code))
            {
                sink.Add(Rules.FaultCode, fault.Attribute, fault.Code, NamingRules.AllReservedCodes);
            }

            if (earlier.Exists(fault.HasSameType))
            {
                sink.Add(Rules.DuplicateFault, fault.Attribute, $"The exception '{TypeDisplay.ShortName(fault.Type)}'", symbol.Name);
            }
            else if (earlier.Exists(other => other.Code == fault.Code))
            {
                sink.Add(Rules.DuplicateFault, fault.Attribute, $"The fault code '{fault.Code}'", symbol.Name);
            }

            earlier.Add(fault);
        }
    }

    /// <summary>Checks that the faults that apply to a method have different codes, wherever they are declared.</summary>
    public static void CheckCodes(IMethodSymbol method, IReadOnlyList<DeclaredFault> faults, DiagnosticSink sink)
    {
        for (int i = 0; i < faults.Count; i++)
        {
            DeclaredFault fault = faults[i];
            if (faults.Take(i).FirstOrDefault(other => other.Code == fault.Code) is { } twin && !AreOnSameSymbol(method, twin, fault))
            {
                sink.Add(Rules.DuplicateFault, twin.Attribute, $"The fault code '{fault.Code}'", method.Name);
            }
        }
    }

    /// <summary>Checks that the caller can rebuild an exception in full.</summary>
    public static void CheckShape(DeclaredFault fault, ExceptionShape shape, DiagnosticSink sink)
    {
        string name = TypeDisplay.ShortName(fault.Type);
        if (shape.Obstacle is { } obstacle)
        {
            sink.Add(Rules.FaultNotRebuilt, fault.Attribute, name, obstacle);
            return;
        }

        foreach (IPropertySymbol property in shape.Unrestored)
        {
            sink.Add(Rules.FaultMemberLost, fault.Attribute, $"{name}.{property.Name}", name);
        }

        if (shape.ComposesMessage)
        {
            sink.Add(Rules.FaultMessageComposed, fault.Attribute, name);
        }
    }

    /// <summary>Whether the method declares both faults or neither: then <see cref="CheckDeclaredOn"/> reports the pair.</summary>
    private static bool AreOnSameSymbol(IMethodSymbol method, DeclaredFault one, DeclaredFault other) =>
        DeclaredFaults.On(method).Count(fault => fault.Attribute == one.Attribute || fault.Attribute == other.Attribute) != 1;
}
