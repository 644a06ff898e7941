using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing;

/// <summary>Rules for a single remote method.</summary>
internal static class MethodRules
{
    public static void Check(IMethodSymbol method, Violations violations)
    {
        CheckResult(method, violations);
        CheckParameters(method, violations);
        ContractRules.CheckTimeout(method, violations);
        if (method.IsGenericMethod)
        {
            violations.Add(Rules.GenericMethod, method, method.Name);
        }

        string wireName = MethodParser.WireName(method);
        if (!Identity.IsMethod(wireName))
        {
            if (KnownTypes.Attribute(method, "RpcGen", "RpcMethodAttribute") is { } attribute)
            {
                violations.Add(Rules.WireName, attribute, wireName, method.Name);
            }
            else
            {
                violations.Add(Rules.WireName, method, wireName, method.Name);
            }
        }
    }

    private static void CheckResult(IMethodSymbol method, Violations violations)
    {
        if (method.ReturnsVoid)
        {
            violations.Add(Rules.ReturnsVoid, method, method.Name);
            return;
        }

        if (method.ReturnType.TypeKind == TypeKind.Error)
        {
            return;
        }

        if (!TaskType.IsTask(method))
        {
            violations.Add(Rules.ReturnType, method, method.Name, KnownTypes.Name(method.ReturnType));
        }
        else if (TaskType.Result(method)?.SpecialType == SpecialType.System_Object)
        {
            violations.Add(Rules.ObjectResult, method, method.Name);
        }
        else if (TaskType.Result(method) is { } result && !CanTravel(result))
        {
            violations.Add(Rules.NotSerializable, method, KnownTypes.Name(result), method.Name);
        }
    }

    private static void CheckParameters(IMethodSymbol method, Violations violations)
    {
        IParameterSymbol? token = null;
        foreach (IParameterSymbol parameter in method.Parameters)
        {
            if (parameter.RefKind != RefKind.None)
            {
                violations.Add(Rules.ByReference, parameter, parameter.Name, method.Name);
            }
            else if (!CanTravel(parameter.Type))
            {
                violations.Add(Rules.NotSerializable, parameter, KnownTypes.Name(parameter.Type), method.Name);
            }

            if (!KnownTypes.IsToken(parameter.Type))
            {
                continue;
            }

            if (token is not null)
            {
                violations.Add(Rules.ManyTokens, parameter, method.Name, parameter.Name);
            }

            token ??= parameter;
        }

        if (token is null)
        {
            violations.Add(Rules.NoToken, method, method.Name);
        }
        else if (method.Parameters.Skip(token.Ordinal + 1).Any(p => !p.IsParams && !KnownTypes.IsToken(p.Type)))
        {
            violations.Add(Rules.TokenNotLast, token, token.Name, method.Name);
        }
    }

    private static bool CanTravel(ITypeSymbol type) => type switch
    {
        IPointerTypeSymbol or IFunctionPointerTypeSymbol => false,
        IArrayTypeSymbol array => CanTravel(array.ElementType),
        _ => !type.IsRefLikeType,
    };
}
