using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace RpcGen.Generators.Tests.Seeded;

/// <summary>Creates random values of generated types: all that an object holds is set, however code could set it.</summary>
internal static class RandomValue
{
    public static object Create(Type type, Random random)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Create(underlying, random);
        }

        return type switch
        {
            _ when type.IsEnum => Enum.GetValues(type) is var values ? values.GetValue(random.Next(values.Length))! : null!,
            _ when type == typeof(byte[]) => Bytes(random, 3),
            _ when type.IsArray => Items(type.GetElementType()!, random).ToArray(type.GetElementType()!),
            _ when type.Namespace == "RpcGen.Samples" => CreateObject(type, random),
            _ when type.IsGenericType => CreateGeneric(type, random),
            _ => CreateSimple(type, random),
        };
    }

    private static object CreateObject(Type type, Random random)
    {
        if (type.IsAbstract)
        {
            JsonDerivedTypeAttribute[] derived = [.. type.GetCustomAttributes<JsonDerivedTypeAttribute>(inherit: false)];
            return CreateObject(derived[random.Next(derived.Length)].DerivedType, random);
        }

        object made = RuntimeHelpers.GetUninitializedObject(type);
        for (Type? at = type; at?.Namespace == "RpcGen.Samples"; at = at.BaseType)
        {
            foreach (FieldInfo field in at.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                field.SetValue(made, Create(field.FieldType, random));
            }
        }

        return made;
    }

    private static object CreateGeneric(Type type, Random random)
    {
        Type[] arguments = type.GetGenericArguments();
        Type definition = type.GetGenericTypeDefinition();
        return definition switch
        {
            _ when definition == typeof(KeyValuePair<,>) || definition.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal) =>
                Activator.CreateInstance(type, [.. arguments.Select(argument => Create(argument, random))])!,
            _ when arguments.Length == 2 => CreateDictionary(typeof(Dictionary<,>).MakeGenericType(arguments), arguments, random),
            _ when type.IsInterface => Activator.CreateInstance(typeof(List<>).MakeGenericType(arguments), Items(arguments[0], random).ToArray(arguments[0]))!,
            _ => Activator.CreateInstance(type, Items(arguments[0], random).ToArray(arguments[0]))!,
        };
    }

    private static IDictionary CreateDictionary(Type type, Type[] arguments, Random random)
    {
        var made = (IDictionary)Activator.CreateInstance(type)!;
        for (int i = 0; i < 2; i++)
        {
            made[Create(arguments[0], random)] = Create(arguments[1], random);
        }

        return made;
    }

    private static List<object> Items(Type type, Random random) => [.. Enumerable.Range(0, random.Next(3)).Select(_ => Create(type, random))];

    private static Array ToArray(this List<object> items, Type type)
    {
        var array = Array.CreateInstance(type, items.Count);
        for (int i = 0; i < items.Count; i++)
        {
            array.SetValue(items[i], i);
        }

        return array;
    }

    private static byte[] Bytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static object CreateSimple(Type type, Random random)
    {
        int number = random.Next(1, 100);
        return type switch
        {
            _ when type == typeof(string) => string.Create(CultureInfo.InvariantCulture, $"text {number} ü\"\\"),
            _ when type == typeof(bool) => true,
            _ when type == typeof(char) => (char)('A' + (number % 26)),
            _ when type == typeof(Guid) => new Guid(Bytes(random, 16)),
            _ when type == typeof(DateTime) => DateTime.UnixEpoch.AddTicks(random.NextInt64(1L << 55)),
            _ when type == typeof(DateTimeOffset) => DateTimeOffset.UnixEpoch.AddTicks(random.NextInt64(1L << 55)).ToOffset(TimeSpan.FromMinutes(number)),
            _ when type == typeof(DateOnly) => DateOnly.FromDayNumber(number * 1000),
            _ when type == typeof(TimeOnly) => new TimeOnly(number * TimeSpan.TicksPerMinute + number),
            _ when type == typeof(TimeSpan) => TimeSpan.FromTicks(random.NextInt64()),
            _ when type == typeof(Int128) => (Int128)random.NextInt64() * number,
            _ when type == typeof(UInt128) => (UInt128)(ulong)random.NextInt64() * (uint)number,
            _ when type == typeof(Half) => (Half)number,
            _ when type == typeof(Uri) => new Uri(string.Create(CultureInfo.InvariantCulture, $"https://example.org/{number}?a=b")),
            _ when type == typeof(Version) => new Version(1, number),
            _ when type == typeof(float) => random.NextSingle(),
            _ when type == typeof(double) => random.NextDouble(),
            _ when type == typeof(decimal) => number / 7m,
            _ when type == typeof(long) => random.NextInt64(),
            _ when type == typeof(ulong) => ulong.MaxValue - (ulong)number,
            _ when type.IsPrimitive => Convert.ChangeType(number, type, CultureInfo.InvariantCulture),
            _ => throw new NotSupportedException($"{type} has no random values."),
        };
    }
}
