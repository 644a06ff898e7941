using System.ComponentModel;
using System.Reflection;
using System.Xml.Linq;

namespace RpcGen.Tests.Api;

/// <summary>Rules that hold for everything public.</summary>
public sealed class PublicTypeTests
{
    private static readonly Assembly[] Assemblies = [typeof(RpcConnection).Assembly, typeof(AmqpRpcAttribute).Assembly];

    /// <summary>Public types that are records, each with a reason.</summary>
    private static readonly Dictionary<Type, string> Records = [];

    [Fact]
    public void No_public_type_is_a_record()
    {
        // Records compare lists by reference, print all their members, secrets included, and a positional one cannot grow.
        IEnumerable<Type> records = Types().Where(type => type.GetMethod("<Clone>$") is not null || type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic) is not null);

        Assert.Empty(records.Except(Records.Keys));
    }

    [Fact]
    public void Every_option_says_its_default()
    {
        IEnumerable<string> silent =
            from type in Types()
            where type.Name.EndsWith("Options", StringComparison.Ordinal) || type.IsSubclassOf(typeof(Attribute))
            from property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            where property.CanWrite || typeof(System.Collections.IEnumerable).IsAssignableFrom(property.PropertyType) && property.PropertyType != typeof(string)
            let name = $"P:{type.FullName}.{property.Name}"
            where !Summary(type.Assembly, name).Contains("Default:", StringComparison.Ordinal)
            select name;

        Assert.Empty(silent);
    }

    [Fact]
    public void Types_for_generated_code_are_hidden_from_completion_lists()
    {
        IEnumerable<Type> shown = Types().Where(type =>
            type.Namespace == "RpcGen.Generated" && type.GetCustomAttribute<EditorBrowsableAttribute>() is not { State: EditorBrowsableState.Never });

        Assert.Empty(shown);
    }

    [Fact]
    public void Interceptors_see_nothing_of_the_namespace_for_generated_code()
    {
        Type[] seen = [typeof(RpcClientCall), typeof(RpcServerCall), typeof(RpcClientCall<>), typeof(RpcServerCall<>), typeof(RpcMethod), typeof(RpcProperty), typeof(RpcFault), typeof(RpcVoid), typeof(RpcCallOptions)];
        IEnumerable<string> leaks =
            from type in seen
            from member in type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static)
            where member.GetCustomAttribute<EditorBrowsableAttribute>() is not { State: EditorBrowsableState.Never }
            from used in Used(member)
            where used.Namespace == "RpcGen.Generated"
            select $"{type.Name}.{member.Name}: {used.Name}";

        Assert.Empty(leaks);
        Assert.All(seen, type => Assert.Equal("RpcGen", type.Namespace));
    }

    [Fact]
    public void The_doc_of_RpcFault_lists_the_reserved_codes()
    {
        XElement parameter = Documentation(typeof(AmqpRpcAttribute).Assembly)
            .First(member => (string?)member.Attribute("name") is { } name && name.StartsWith("M:RpcGen.RpcFaultAttribute`1.#ctor", StringComparison.Ordinal) || (string?)member.Attribute("name") == "T:RpcGen.RpcFaultAttribute`1")
            .Elements("param").First();

        Assert.Equal(RpcGen.Protocol.FaultCodes.All.Order(), parameter.Elements("c").Select(code => code.Value).Order());
    }

    private static IEnumerable<Type> Types() => Assemblies.SelectMany(assembly => assembly.GetExportedTypes());

    private static IEnumerable<Type> Used(MemberInfo member) => member switch
    {
        PropertyInfo property => [property.PropertyType, .. property.PropertyType.GenericTypeArguments],
        MethodInfo method => [method.ReturnType, .. method.GetParameters().Select(parameter => parameter.ParameterType)],
        _ => [],
    };

    private static string Summary(Assembly assembly, string name) =>
        Documentation(assembly).FirstOrDefault(member => (string?)member.Attribute("name") == name)?.Element("summary")?.Value ?? "";

    private static IEnumerable<XElement> Documentation(Assembly assembly) =>
        XDocument.Load(Path.Combine(AppContext.BaseDirectory, $"{assembly.GetName().Name}.xml")).Descendants("member");
}
