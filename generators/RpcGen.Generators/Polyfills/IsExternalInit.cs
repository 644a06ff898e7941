namespace System.Runtime.CompilerServices;

/// <summary>What <c>init</c> and records stand on, which .NET Standard 2.0 lacks.</summary>
internal static class IsExternalInit;
