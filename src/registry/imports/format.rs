//! The formats that can be imported.

use vasp_ingest::source::LIMIT_BYTES;
use vasp_words::closed_list::closed_list;

closed_list! {
    /// Formats that can be imported.
    pub enum ImportFormat {
        /// ESMA's MiCA register of CASPs, CSV as published, or a tracker's JSON of it.
        EsmaCasps = "esma-casps",
        /// A register as a table that anybody can type, CSV.
        RegisterCsv = "register-csv",
        /// FinCEN's list of money services businesses, its sheet as CSV.
        FincenMsb = "fincen-msb",
        /// The SFC's list of licensed trading platforms, its sheet as CSV.
        SfcVatp = "sfc-vatp",
        /// ESMA's list of non-compliant providers (MiCA Art. 110), CSV as published.
        EsmaNcasp = "esma-ncasp",
        /// A neutral list of non-compliant providers, in the project's own format.
        NonCompliantJson = "non-compliant-json",
        /// GLEIF's records: the golden copy as CSV or JSON, or answers of its API.
        GleifLei = "gleif-lei",
        /// A compilation of registers by a third party, CSV.
        MasterRegister = "master-register",
        /// A neutral register snapshot, in the project's own format.
        RegisterJson = "register-json",
        /// Address labels of third parties.
        ClaimsCsv = "claims-csv",
        /// Links from brands to legal entities, with their evidence, as a table that anybody can type, CSV.
        BrandLinks = "brand-links",
        /// Links between groups and entities.
        GroupLinks = "group-links",
        /// OFAC's list of specially designated nationals: SDN.CSV, ALT.CSV and SDN_COMMENTS.CSV, imported together.
        OfacSdn = "ofac-sdn",
        /// OFAC's digital currency addresses, joined CSV.
        OfacDigitalCurrency = "ofac-digital-currency",
        /// OFAC's digital currency addresses in lower case, JSON by a third party.
        OfacAddressesJson = "ofac-addresses-json",
        /// Addresses on OFAC's list, one per line.
        SanctionsAddresses = "sanctions-addresses",
        /// The consolidated list of the UN Security Council, XML as published.
        UnConsolidated = "un-consolidated",
        /// The UK Sanctions List, or OFSI's older consolidated list, CSV as published.
        UkSanctions = "uk-sanctions",
        /// The EU's consolidated list, XML 1.1 or CSV as published.
        EuConsolidated = "eu-consolidated",
        /// Switzerland's complete list, XML as published by the SECO.
        Seco = "seco",
        /// Canada's list of autonomous sanctions, XML as published.
        CaAutonomous = "ca-autonomous",
        /// Australia's consolidated list, its sheet as CSV.
        AuDfat = "au-dfat",
        /// A Japanese list of bodies to which exports are banned, the text of its PDF.
        JpMeti = "jp-meti",
        /// Listings of one legal act of the EU.
        EuSanctions = "eu-sanctions",
        /// Seizure orders of Israel's NBCTF.
        IlNbctf = "il-nbctf",
        /// A neutral screening list, in the project's own format.
        SanctionsJson = "sanctions-json",
        /// The ECB's euro foreign exchange reference rates, CSV as published.
        ReferenceRates = "reference-rates",
        /// Rows that amend the table of authorities, CSV with the columns of `seed/authorities.csv`. Two people approve them.
        Authorities = "authorities",
        /// The rulebook.
        Rulebook = "rulebook",
        /// FATF's and the EU's lists.
        Lists = "lists",
        /// FATF's and the EU's lists as a table that anybody can type, CSV.
        ListsCsv = "lists-csv",
        /// A policy.
        Policy = "policy",
        /// Hosts that many VASPs share.
        PlatformHosts = "platform-hosts",
        /// Travel Rule protocols.
        Protocols = "protocols",
        /// The questions that VASPs answer about themselves.
        Questionnaire = "questionnaire",
        /// The VASPs that a protocol reaches, as a provider hands them out: its JSON, or a table that anybody can type, CSV.
        VaspList = "vasp-list",
    }
}

impl ImportFormat {
    /// Returns whether a file can add a brand, or change what is known of a firm's names, websites or licences. GLEIF's records are
    /// compared with these, but change none.
    #[must_use]
    pub fn may_link_brands(self) -> bool {
        let of_firms = matches!(self, Self::EsmaCasps | Self::RegisterCsv | Self::FincenMsb | Self::SfcVatp | Self::RegisterJson);
        of_firms || matches!(self, Self::ClaimsCsv | Self::PlatformHosts)
    }

    /// Returns the largest size of a file, in bytes after decompression. Formats that are read row by row have another limit: GLEIF's records
    /// that of `Source::streamed`.
    ///
    /// The numbers are ours, above the largest published files of 2026: of screening lists the SECO's with 42 MB, of registers FinCEN's with
    /// some 10 MB.
    #[must_use]
    pub fn limit_bytes(self) -> u64 {
        match self {
            Self::ClaimsCsv | Self::GleifLei => LIMIT_BYTES,
            Self::EsmaCasps | Self::RegisterCsv | Self::FincenMsb | Self::SfcVatp | Self::RegisterJson | Self::MasterRegister => {
                32 << 20
            }
            Self::OfacSdn | Self::OfacDigitalCurrency | Self::OfacAddressesJson | Self::SanctionsAddresses => 64 << 20,
            Self::UnConsolidated | Self::UkSanctions | Self::EuConsolidated | Self::Seco | Self::SanctionsJson => 64 << 20,
            _ => 16 << 20,
        }
    }

    /// Returns whether several files make one version of one list.
    #[must_use]
    pub fn takes_files_together(self) -> bool {
        matches!(self, Self::OfacSdn)
    }
}
