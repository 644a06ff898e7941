            protected override void Validate(int n, string s, string? e, double? d, global::RpcGen.Generated.RpcValidation validation)
            {
                if (validation.CanCheck("n"))
                {
                    if (n is not (>= 0 and <= 90))
                    {
                        validation.Fail("n", "The field n must be between 0 and 90.");
                    }
                }

                if (validation.CanCheck("s"))
                {
                    if (string.IsNullOrWhiteSpace(s))
                    {
                        validation.Fail("s", "The s field is required.");
                    }
                    else if (s.Length is < 2 or > 10)
                    {
                        validation.Fail("s", "The field s must be a string with a minimum length of 2 and a maximum length of 10.");
                    }
                }

                if (validation.CanCheck("e"))
                {
                    if (!validation.IsMet(Validation._emailAddress, e))
                    {
                        validation.Fail("e", Validation._emailAddress.FormatErrorMessage("e"));
                    }
                }

                if (validation.CanCheck("d"))
                {
                    if (d is not (null or (> 0.5D and <= double.PositiveInfinity)))
                    {
                        validation.Fail("d", "The field d must be between 0.5 exclusive and Infinity.");
                    }
                }
            }

            protected override void Validate(global::System.Collections.Generic.List<string> l, int[]? a, global::System.Collections.Generic.Dictionary<string, string?> d, global::System.Collections.Generic.List<string?> fine, global::System.Collections.Generic.IEnumerable<string> lazy, global::RpcGen.Generated.RpcValidation validation)
            {
                if (validation.CanCheck("l"))
                {
                    if (l is null)
                    {
                        validation.FailNull("l");
                    }
                    else
                    {
                        if (l.Count is < 1 or > 3)
                        {
                            validation.Fail("l", "The field l must be a string or collection type with a minimum length of '1' and maximum length of '3'.");
                        }

                        if (validation.Enter("l"))
                        {
                            Validation.CheckList(l, validation);
                            validation.Leave();
                        }
                    }
                }

                if (validation.CanCheck("a"))
                {
                    if (a?.Length is < 1)
                    {
                        validation.Fail("a", "The field a must be a string or array type with a minimum length of '1'.");
                    }
                }

                if (validation.CanCheck("d"))
                {
                    if (d is null)
                    {
                        validation.FailNull("d");
                    }
                    else if (d.Count is > 5)
                    {
                        validation.Fail("d", "The field d must be a string or array type with a maximum length of '5'.");
                    }
                }

                validation.NotNull("fine", fine);

                if (validation.EnterNotNull("lazy", lazy))
                {
                    Validation.CheckIEnumerable(lazy, validation);
                    validation.Leave();
                }
            }

            protected override void Validate(global::System.Collections.Generic.Dictionary<int, global::System.Collections.Generic.List<string>> deep, (string A, int B) tuple, string[][] jagged, global::RpcGen.Generated.RpcValidation validation)
            {
                if (validation.EnterNotNull("deep", deep))
                {
                    Validation.CheckDictionary2(deep, validation);
                    validation.Leave();
                }

                if (validation.CanCheck("tuple"))
                {
                    if (validation.Enter("tuple"))
                    {
                        Validation.CheckTuple(tuple, validation);
                        validation.Leave();
                    }
                }

                if (validation.EnterNotNull("jagged", jagged))
                {
                    Validation.CheckArray(jagged, validation);
                    validation.Leave();
                }
            }

        public static class Validation
        {
            public static readonly global::System.ComponentModel.DataAnnotations.EmailAddressAttribute _emailAddress = new global::System.ComponentModel.DataAnnotations.EmailAddressAttribute();

            public static void CheckList(global::System.Collections.Generic.List<string> values, global::RpcGen.Generated.RpcValidation validation)
            {
                int index = 0;
                foreach (var value in values)
                {
                    if (value is null)
                    {
                        validation.FailNull(index);
                    }

                    index++;
                }
            }

            public static void CheckIEnumerable(global::System.Collections.Generic.IEnumerable<string> values, global::RpcGen.Generated.RpcValidation validation)
            {
                if (values is not global::System.Collections.Generic.IReadOnlyCollection<string>)
                {
                    return; // enumerating it could consume it
                }

                int index = 0;
                foreach (var value in values)
                {
                    if (value is null)
                    {
                        validation.FailNull(index);
                    }

                    index++;
                }
            }

            public static void CheckDictionary2(global::System.Collections.Generic.Dictionary<int, global::System.Collections.Generic.List<string>> values, global::RpcGen.Generated.RpcValidation validation)
            {
                foreach (var pair in values)
                {
                    if (pair.Value is null)
                    {
                        validation.FailNullKey(pair.Key);
                    }
                    else if (validation.EnterKey(pair.Key))
                    {
                        CheckList(pair.Value, validation);
                        validation.Leave();
                    }
                }
            }

            public static void CheckTuple((string A, int B) value, global::RpcGen.Generated.RpcValidation validation)
            {
                validation.NotNull("Item1", value.Item1);
            }

            public static void CheckArray(string[][] values, global::RpcGen.Generated.RpcValidation validation)
            {
                int index = 0;
                foreach (var value in values)
                {
                    if (value is null)
                    {
                        validation.FailNull(index);
                    }
                    else if (validation.Enter(index))
                    {
                        CheckStringArray(value, validation);
                        validation.Leave();
                    }

                    index++;
                }
            }

            public static void CheckStringArray(string[] values, global::RpcGen.Generated.RpcValidation validation)
            {
                int index = 0;
                foreach (var value in values)
                {
                    if (value is null)
                    {
                        validation.FailNull(index);
                    }

                    index++;
                }
            }
        }
    }
}

