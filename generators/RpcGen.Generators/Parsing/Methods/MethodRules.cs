using Microsoft.CodeAnalysis;
using RpcGen.Generators.Diagnostics;
using RpcGen.Generators.Parsing.Json;
using RpcGen.Generators.Parsing.Naming;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Methods;

/// <summary>Rules for a single remote method.</summary>
internal static class MethodRules
{
    public static void Check(IMethodSymbol method, INamedTypeSymbol contract, DiagnosticSink sink)
    {
        CheckResult(method, sink);
        CheckParameters(method, sink);
        CheckCase(method, contract, sink);
        if (method.IsGenericMethod)
        {
            sink.Add(Rules.GenericMethod, method, method.Name);
        }

        string wireName = NamingRules.Of(method);
        if (!NamingRules.IsValidMethod(wireName))
        {
            ReportWireName(method, wireName, sink);
        }
    }

    /// <summary>Reports parameters that servers cannot tell apart, if they ignore the case of names.</summary>
    private static void CheckCase(IMethodSymbol method, INamedTypeSymbol contract, DiagnosticSink sink)
    {
        if (!JsonForms.Of(contract).Contains(JsonForms.CaseInsensitiveArguments))
        {
            return;
        }

        var known = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (IParameterSymbol parameter in method.Parameters.Where(p => !KnownTypes.IsToken(p.Type)))
        {
            if (known.TryGetValue(parameter.Name, out string other))
            {
                sink.Add(Rules.ArgumentCase, parameter, other, parameter.Name, method.Name);
            }
            else
            {
                known.Add(parameter.Name, parameter.Name);
            }
        }
    }

    private static void ReportWireName(IMethodSymbol method, string wireName, DiagnosticSink sink)
    {
        if (RpcAttributes.Find(method, RpcAttributes.Method) is { } attribute)
        {
            sink.Add(Rules.WireName, attribute, wireName, method.Name);
        }
        else
        {
            sink.Add(Rules.WireName, method, wireName, method.Name);
        }
    }

    private static void CheckResult(IMethodSymbol method, DiagnosticSink sink)
    {
        if (method.ReturnsVoid)
        {
            sink.Add(Rules.ReturnsVoid, method, method.Name);
            return;
        }

        if (method.ReturnType.TypeKind == TypeKind.Error)
        {
            return;
        }

        if (StreamType.Item(method) is { } item)
        {
            CheckStream(method, item, sink);
        }
        else if (StreamType.IsOtherForm(method.ReturnType) || (TaskType.IsTask(method) && TaskType.Result(method) is { } asynchronous && IsRefusedResult(asynchronous)))
        {
            sink.Add(Rules.StreamForm, method, method.Name, TypeDisplay.ShortName(method.ReturnType));
        }
        else if (!TaskType.IsTask(method))
        {
            sink.Add(Rules.ReturnType, method, method.Name, TypeDisplay.ShortName(method.ReturnType));
        }
        else if (TaskType.Result(method)?.SpecialType == SpecialType.System_Object)
        {
            sink.Add(Rules.ObjectResult, method, method.Name);
        }
        else if (TaskType.Result(method) is { } result && !CanTravel(result))
        {
            sink.Add(Rules.NotSerializable, method, TypeDisplay.ShortName(result), method.Name);
        }
    }

    /// <summary>Whether a task's result is a stream in a form that cannot be transmitted.</summary>
    private static bool IsRefusedResult(ITypeSymbol result) => ByteStreamType.IsOrDerives(result) ? ByteStreamType.IsRefused(result) : StreamType.IsAnyForm(result);

    private static void CheckStream(IMethodSymbol method, ITypeSymbol item, DiagnosticSink sink)
    {
        if (method.ReturnType.NullableAnnotation == NullableAnnotation.Annotated)
        {
            sink.Add(Rules.StreamForm, method, method.Name, TypeDisplay.ShortName(method.ReturnType));
        }

        if (item.SpecialType == SpecialType.System_Object)
        {
            sink.Add(Rules.ObjectResult, method, method.Name);
        }
        else if (!CanTravel(item))
        {
            sink.Add(Rules.NotSerializable, method, TypeDisplay.ShortName(item), method.Name);
        }
    }

    private static void CheckParameters(IMethodSymbol method, DiagnosticSink sink)
    {
        IParameterSymbol? token = null;
        foreach (IParameterSymbol parameter in method.Parameters)
        {
            if (parameter.RefKind != RefKind.None)
            {
                sink.Add(Rules.ByReference, parameter, parameter.Name, method.Name);
            }
            else if (StreamType.IsRefused(parameter))
            {
                sink.Add(Rules.StreamParameter, parameter, parameter.Name, method.Name, TypeDisplay.ShortName(parameter.Type));
            }
            else if (ProgressType.IsRefused(parameter))
            {
                sink.Add(Rules.ProgressForm, parameter, parameter.Name, method.Name, $"has the type '{TypeDisplay.ShortName(parameter.Type)}', which cannot be transmitted: take IProgress<T>, which is not inside of another type");
            }
            else if (ProgressType.Item(parameter) is not null && StreamType.IsReturned(method))
            {
                sink.Add(Rules.ProgressForm, parameter, parameter.Name, method.Name, "belongs to a method that returns a stream: send the progress as items, or return a task");
            }
            else if (!CanTravel(StreamType.ItemApart(parameter) ?? parameter.Type))
            {
                sink.Add(Rules.NotSerializable, parameter, TypeDisplay.ShortName(parameter.Type), method.Name);
            }

            if (!KnownTypes.IsToken(parameter.Type))
            {
                continue;
            }

            if (token is not null)
            {
                sink.Add(Rules.ManyTokens, parameter, method.Name, parameter.Name);
            }

            token ??= parameter;
        }

        if (token is null)
        {
            sink.Add(Rules.NoToken, method, method.Name);
        }
        else if (method.Parameters.Skip(token.Ordinal + 1).Any(p => !p.IsParams && !KnownTypes.IsToken(p.Type)))
        {
            sink.Add(Rules.TokenNotLast, token, token.Name, method.Name);
        }
    }

    /// <summary>Whether values of the type can leave the process. Whether JSON supports the type is checked elsewhere.</summary>
    private static bool CanTravel(ITypeSymbol type) => type switch
    {
        IPointerTypeSymbol or IFunctionPointerTypeSymbol => false,
        IArrayTypeSymbol array => CanTravel(array.ElementType),
        _ => !type.IsRefLikeType,
    };
}
