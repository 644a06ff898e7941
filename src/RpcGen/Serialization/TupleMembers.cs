using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Serialization;

/// <summary>
/// Serializes ValueTuples as <c>{"Item1":…,"Item2":…}</c>. Their members are fields, which System.Text.Json skips unless it
/// includes the fields of all types: a tuple would lose its values silently.
/// </summary>
internal static class TupleMembers
{
    /// <summary>A modifier of the reflection resolver.</summary>
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "As below.")]
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "As below.")]
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "Used only by the reflection resolver, which trimmed applications do not have.")]
    public static void Add(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object || !type.Type.IsValueType || !typeof(ITuple).IsAssignableFrom(type.Type))
        {
            return;
        }

        foreach (FieldInfo field in type.Type.GetFields(BindingFlags.Public | BindingFlags.Instance))
        {
            JsonPropertyInfo member = type.CreateJsonPropertyInfo(field.FieldType, field.Name);
            member.Get = field.GetValue;
            member.Set = field.SetValue;
            type.Properties.Add(member);
        }
    }
}
