using System.Collections;
using System.Reflection;
using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Tests.Support;

/// <summary>Inspects the objects that the pipeline caches, by reflection.</summary>
internal static class ModelGraph
{
    /// <summary>Asserts that no compiler object is reachable. Such objects would keep compilations alive, and would never be equal to new ones.</summary>
    public static void AssertPlain(GeneratorRunResult result)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        foreach ((string name, var steps) in result.TrackedSteps.Where(step => step.Key.StartsWith("RpcGen.", StringComparison.Ordinal)))
        {
            foreach ((object value, _) in steps.SelectMany(step => step.Outputs))
            {
                Visit(value, name, seen);
            }
        }
    }

    private static void Visit(object? value, string path, HashSet<object> seen)
    {
        if (value is null or string || value.GetType().IsPrimitive || value.GetType().IsEnum || (!value.GetType().IsValueType && !seen.Add(value)))
        {
            return;
        }

        Assert.False(
            value is ISymbol or SyntaxNode or SyntaxTree or SyntaxReference or Location or Compilation or SemanticModel or AttributeData or Diagnostic,
            $"{path} holds a {value.GetType()}");
        if (value is IEnumerable items)
        {
            foreach (object? item in items)
            {
                Visit(item, path + "[]", seen);
            }

            return;
        }

        for (Type? type = value.GetType(); type is not null; type = type.BaseType)
        {
            foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                Visit(field.GetValue(value), $"{path}.{field.Name}", seen);
            }
        }
    }
}
