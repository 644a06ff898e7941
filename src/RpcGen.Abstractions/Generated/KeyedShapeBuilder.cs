using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Generated;

/// <summary>Builds the shapes of types from their JSON metadata, which NativeAOT has too.</summary>
internal sealed class KeyedShapeBuilder(JsonSerializerOptions options)
{
    private readonly Dictionary<Type, KeyedShape> _shapes = [];

    /// <summary>Builds the shape of a type; null if its values hold no keyed collections.</summary>
    public static KeyedShape? Build(Type type, JsonSerializerOptions options)
    {
        var builder = new KeyedShapeBuilder(options);
        KeyedShape shape = builder.Visit(type);
        HashSet<KeyedShape> relevant = builder.FindRelevant();
        foreach (KeyedShape part in builder._shapes.Values)
        {
            Prune(part, relevant);
        }

        return relevant.Contains(shape) ? shape : null;
    }

    private KeyedShape Visit(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (_shapes.TryGetValue(type, out KeyedShape? shape))
        {
            return shape;
        }

        shape = new KeyedShape();
        _shapes.Add(type, shape); // before its parts: types can contain themselves
        if (options.TryGetTypeInfo(type, out JsonTypeInfo? info))
        {
            Fill(shape, info);
        }

        return shape;
    }

    private void Fill(KeyedShape shape, JsonTypeInfo info)
    {
        switch (info.Kind)
        {
            case JsonTypeInfoKind.Object:
                shape.Form = KeyedForm.Object;
                shape.Members = Members(info);
                break;
            case JsonTypeInfoKind.Dictionary or JsonTypeInfoKind.Enumerable:
                shape.Form = info.Kind == JsonTypeInfoKind.Dictionary ? KeyedForm.Dictionary : KeyedForm.Array;
                shape.IsKeyed = KeyedCollections.IsKeyed(info);
                shape.Element = info.ElementType is { } element ? Visit(element) : null;
                break;
            default:
                break;
        }

        AddSubtypes(shape, info); // collections can have subtypes too
    }

    private Dictionary<string, KeyedShape> Members(JsonTypeInfo info)
    {
        var members = new Dictionary<string, KeyedShape>(options.PropertyNameCaseInsensitive ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        foreach (JsonPropertyInfo member in info.Properties)
        {
            // The members that an object does not know have texts as keys.
            if (member is { CustomConverter: null, IsExtensionData: false } && IsRead(member, info))
            {
                members[member.Name] = Visit(member.PropertyType);
            }
        }

        return members;
    }

    private bool IsRead(JsonPropertyInfo member, JsonTypeInfo owner) =>
        member.Set is not null || member.AssociatedParameter is not null ||
        (member.ObjectCreationHandling ?? owner.PreferredPropertyObjectCreationHandling ?? options.PreferredObjectCreationHandling) == JsonObjectCreationHandling.Populate;

    private void AddSubtypes(KeyedShape shape, JsonTypeInfo info)
    {
        if (info.PolymorphismOptions is not { } subtypes)
        {
            return;
        }

        shape.Discriminator = subtypes.TypeDiscriminatorPropertyName;
        foreach (JsonDerivedType subtype in subtypes.DerivedTypes)
        {
            if (subtype.TypeDiscriminator is { } discriminator) // without one, the subtype is only written
            {
                shape.Subtypes[discriminator] = Visit(subtype.DerivedType);
            }
        }
    }

    /// <summary>The shapes that are keyed, or lead to one that is.</summary>
    private HashSet<KeyedShape> FindRelevant()
    {
        var relevant = new HashSet<KeyedShape>(_shapes.Values.Where(shape => shape.IsKeyed));
        bool isGrowing;
        do
        {
            isGrowing = false;
            foreach (KeyedShape shape in _shapes.Values.Where(shape => shape.Parts.Any(relevant.Contains)))
            {
                isGrowing |= relevant.Add(shape);
            }
        }
        while (isGrowing);
        return relevant;
    }

    private static void Prune(KeyedShape shape, HashSet<KeyedShape> relevant)
    {
        shape.Element = shape.Element is { } element && relevant.Contains(element) ? element : null;
        foreach (string member in shape.Members.Where(member => !relevant.Contains(member.Value)).Select(member => member.Key).ToArray())
        {
            shape.Members.Remove(member);
        }
    }
}
