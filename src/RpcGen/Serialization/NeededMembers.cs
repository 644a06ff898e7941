using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Serialization;

/// <summary>
/// Has servers refuse arguments that lack a value which a constructor needs: <c>Price</c> of <c>record Item(string Name, decimal Price)</c>.
/// The serializer would pass 0, which no caller has said. Clients read the results of older servers more leniently.
/// </summary>
/// <param name="declared">The options of clients, which require only what is declared as required.</param>
internal sealed class NeededMembers(JsonSerializerOptions declared)
{
    /// <summary>
    /// A modifier for options that respect required constructor parameters. Takes back what is not needed: members that can be null, and
    /// those with a condition, which their writer can leave out. The checks for null find missing references.
    /// </summary>
    public void Release(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
        {
            return;
        }

        foreach (JsonPropertyInfo member in type.Properties.Where(member => member is { AssociatedParameter: not null, IsRequired: true } && !IsNeeded(member)))
        {
            member.IsRequired = declared.GetTypeInfo(type.Type).Properties.FirstOrDefault(other => other.Name == member.Name) is { IsRequired: true };
        }
    }

    private static bool IsNeeded(JsonPropertyInfo member) =>
        member is { ShouldSerialize: null, PropertyType.IsValueType: true } && Nullable.GetUnderlyingType(member.PropertyType) is null;
}
