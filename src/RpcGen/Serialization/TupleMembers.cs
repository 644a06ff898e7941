using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Serialization;

/// <summary>
/// Lets ValueTuples travel as <c>{"Item1":…,"Item2":…}</c>. Their members are fields, which System.Text.Json leaves out
/// unless told to take the fields of all types, so that a tuple would lose its values silently.
/// </summary>
internal static class TupleMembers
{
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "As below.")]
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "As below.")]
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "Added to the reflection resolver alone, which trimmed applications do not have.")]
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
