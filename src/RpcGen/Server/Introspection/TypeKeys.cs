using System.Globalization;

namespace RpcGen.Server.Introspection;

/// <summary>Names types: by a key, which generated facts use too, and by a name for people.</summary>
internal static class TypeKeys
{
    /// <summary>Namespace, containing types and name, then all type arguments: <c>Shop.Page&lt;Shop.Order&gt;</c>.</summary>
    public static string Of(Type type)
    {
        if (type.IsArray)
        {
            return $"{Of(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        }

        string name = "";
        for (Type? at = type; at is not null; at = at.DeclaringType)
        {
            name = name.Length == 0 ? WithoutArity(at.Name) : WithoutArity(at.Name) + "+" + name;
        }

        string space = type.Namespace is { Length: > 0 } named ? named + "." : "";
        Type[] arguments = type.GetGenericArguments();
        return space + name + (arguments.Length == 0 ? "" : $"<{string.Join(",", arguments.Select(Of))}>");
    }

    /// <summary>The simple name: <c>PageOfOrder</c>, <c>OrderArray</c>.</summary>
    public static string NameOf(Type type)
    {
        if (type.IsArray)
        {
            return NameOf(type.GetElementType()!) + "Array";
        }

        Type[] arguments = type.GetGenericArguments();
        return WithoutArity(type.Name) + (arguments.Length == 0 ? "" : "Of" + string.Join("And", arguments.Select(NameOf)));
    }

    /// <summary>The name with the containing type's, or else the last part of the namespace, before it.</summary>
    public static string LongNameOf(Type type)
    {
        string before = type.DeclaringType is { } containing ? WithoutArity(containing.Name) : type.Namespace?[(type.Namespace.LastIndexOf('.') + 1)..] ?? "";
        return before + NameOf(type);
    }

    /// <summary>Gives each type a name of its own: the simple one, or the long one where several types share it.</summary>
    public static Dictionary<SchemaKey, string> NameAll(IReadOnlyCollection<SchemaKey> keys)
    {
        var simple = keys.GroupBy(key => key.Name(NameOf), StringComparer.Ordinal).Where(group => group.Count() == 1).Select(group => group.Key).ToHashSet(StringComparer.Ordinal);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var names = new Dictionary<SchemaKey, string>();
        foreach (SchemaKey key in keys)
        {
            string name = key.Name(NameOf);
            if (!simple.Contains(name))
            {
                name = key.Name(LongNameOf);
            }

            string unique = name;
            for (int number = 2; !taken.Add(unique); number++)
            {
                unique = name + number.ToString(CultureInfo.InvariantCulture);
            }

            names.Add(key, unique);
        }

        return names;
    }

    private static string WithoutArity(string name) => name.Split('`')[0];
}

/// <summary>What a definition describes: a type, alone or as a subtype of another, which adds a discriminator.</summary>
internal sealed record SchemaKey(Type Type, Type? Base)
{
    /// <summary>The name of the definition.</summary>
    public string Name(Func<Type, string> nameOf) => (Base is null ? "" : nameOf(Base)) + nameOf(Type);
}
