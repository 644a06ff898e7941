namespace RpcGen.Chaos;

/// <summary>The files of the repository.</summary>
internal static class Repository
{
    /// <summary>The script that controls a broker.</summary>
    public static string FindScript()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string script = Path.Combine(folder.FullName, "tests", "broker.sh");
            if (File.Exists(script))
            {
                return script;
            }
        }

        throw new FileNotFoundException("tests/broker.sh was not found above the program.");
    }
}
